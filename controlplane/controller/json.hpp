// SPDX-License-Identifier: Apache-2.0
// Values of the model as JSON, one function a value; keys are part of the admin interface.
#pragma once

#include <nlohmann/json.hpp>

#include "controlplane/controller/controller.hpp"
#include "controlplane/model/timetable.hpp"
#include "controlplane/wire/publisher.hpp"

namespace sweepgate::controller {

/// Text from DNS may hold any byte; JSON may not.
[[nodiscard]] wire::AdminReply ok(const nlohmann::json& object);

template <typename Items, typename Each>
[[nodiscard]] nlohmann::json list_of(const Items& items, Each each) {
    auto array = nlohmann::json::array();
    for (const auto& item : items) array.push_back(each(item));
    return array;
}

[[nodiscard]] nlohmann::json to_json(const ProbeAnswer& answer);
[[nodiscard]] nlohmann::json to_json(const BookEntry& entry);
[[nodiscard]] nlohmann::json to_json(const Judgement& judgement);
[[nodiscard]] nlohmann::json to_json(const Alarm& alarm);
/// {"verdict": "ok", "degraded" or "broken", "faults": [line, ...]}
[[nodiscard]] nlohmann::json to_json(const Health& health);
[[nodiscard]] nlohmann::json to_json(const RoundSummary& round);
[[nodiscard]] nlohmann::json to_json(const Cadence::Tally& tally);
[[nodiscard]] nlohmann::json to_json(const NameState& name);
/// {"draws": 40, "seen": 143, "estimated": 160.2, "coverage": 0.93, "text": "≈93 % seen"}; coverage
/// is null and the text empty while nothing is known.
[[nodiscard]] nlohmann::json to_json(const Completeness& completeness);
/// {"name": "lunch", "hours": "mon-fri 12:00-13:00 local", "systems": {"irc": {"everyone":
/// "pass"}}}.
[[nodiscard]] nlohmann::json to_json(const Ruleset& rules, const Schedule& schedule);
/// {"everyone": "pass"}: what a schedule says of one system, by group.
[[nodiscard]] nlohmann::json actions_of(const Ruleset& rules, const Schedule& schedule,
                                        SystemIndex system);
/// RFC 3339; null for the epoch, which means "never".
[[nodiscard]] nlohmann::json to_json(Instant instant);

/// Why a system keeps its last good set, or "".
[[nodiscard]] std::string held_reason(const SnapshotPlan* plan, const std::string& system);

/// Prefixes of each system in a snapshot: {"irc": {"ipv4": 3, "ipv6": 2, "shared": 1}}.
struct SystemExtent {
    std::size_t ipv4 = 0;
    std::size_t ipv6 = 0;
    std::size_t shared = 0; // of both, those enforced on the system's own ports only
};
[[nodiscard]] std::vector<SystemExtent> extents(const Snapshot& snapshot,
                                                std::span<const Prefix> nat64);

} // namespace sweepgate::controller
