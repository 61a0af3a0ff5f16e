// SPDX-License-Identifier: Apache-2.0
// Address space that no server of a public service can have. A name that points there was
// answered by a filter, a captive portal or a hostile zone.
// Source: the IANA special-purpose registries of IPv4 and IPv6 (RFC 6890 and its updates).
#pragma once

#include <optional>
#include <span>
#include <string>

#include "controlplane/model/prefix.hpp"

namespace sweepgate {

/// "private (10.0.0.0/8)" when any part of `prefix` is not public, else nothing. What lies inside
/// `treat_as_public` counts as public: laboratories have only such space.
[[nodiscard]] std::optional<std::string> why_not_public(const Prefix& prefix,
                                                        std::span<const Prefix> treat_as_public);

} // namespace sweepgate
