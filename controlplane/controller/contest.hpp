// SPDX-License-Identifier: Apache-2.0
// Names that one resolver alone knows while others deny them: a poisoned upstream, or a filter at
// the others that does not say so. The guard then asks for a quorum and takes no repetition for
// proof. Who said what is the book's to know, so that no restart makes a lone voice credible.
#pragma once

#include <map>
#include <span>
#include <string>

#include "controlplane/book/sighting.hpp"

namespace sweepgate::controller {

/// "192.0.2.9:53 alone knows it, 2 say it does not exist", by hostname.
///   servers  asked now (see resolver_address()); what others said once is no longer heard
[[nodiscard]] std::map<std::string, std::string> contested(std::span<const Dispute> disputes,
                                                           std::span<const std::string> servers);

} // namespace sweepgate::controller
