// SPDX-License-Identifier: Apache-2.0
// The options of a gate, checked, and their checksum: it is part of the receipt in the kernel, so
// that a gate started with other options knows that it has to compile again.
#pragma once

#include "controlplane/nftables/gate.hpp"

namespace sweepgate::nftables {

/// Errors: bad_input naming the option.
[[nodiscard]] Status check(const GateOptions& options);
[[nodiscard]] std::uint32_t checksum(const GateOptions& options);

} // namespace sweepgate::nftables
