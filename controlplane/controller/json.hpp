// SPDX-License-Identifier: Apache-2.0
// Values of the model as JSON, one function a value; keys are part of the admin interface.
#pragma once

#include <nlohmann/json.hpp>

#include "controlplane/controller/controller.hpp"
#include "controlplane/wire/publisher.hpp"

namespace sweepgate::controller {

[[nodiscard]] nlohmann::json to_json(const wire::PeerState& gate, Generation newest);
[[nodiscard]] nlohmann::json to_json(const ProbeAnswer& answer);
[[nodiscard]] nlohmann::json to_json(const BookEntry& entry);
[[nodiscard]] nlohmann::json to_json(const Judgement& judgement);
[[nodiscard]] nlohmann::json to_json(const RoundSummary& round);
/// RFC 3339; null for the epoch, which means "never".
[[nodiscard]] nlohmann::json to_json(Instant instant);

/// Prefixes of each system in a snapshot: {"irc": {"ipv4": 3, "ipv6": 2, "shared": 1}}.
struct SystemExtent {
    std::size_t ipv4 = 0;
    std::size_t ipv6 = 0;
    std::size_t shared = 0; // of both, those enforced on the system's own ports only
};
[[nodiscard]] std::vector<SystemExtent> extents(const Snapshot& snapshot);

} // namespace sweepgate::controller
