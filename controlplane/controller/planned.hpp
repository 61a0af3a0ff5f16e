// SPDX-License-Identifier: Apache-2.0
// What a policy would enforce: `sweepgate plan POLICY`, at one hour with `--at`. And the snapshot
// that it would become, for whoever wants to try it: `sweepgate plan POLICY --snapshot FILE`, then
// `sweepgate-dataplane --replay`.
//
// The snapshot is sealed as every snapshot is, so that there is one format and nothing unsigned is
// ever read; but with a key made for this one answer and forgotten. The controller's key would make
// it a generation that a gate enforces, and whoever may ask for plans could then set policy.
#pragma once

#include <optional>
#include <string>

#include "controlplane/controller/controller.hpp"
#include "controlplane/wire/admin.hpp"

namespace sweepgate::controller {

/// Most bytes of a sealed snapshot in an answer: base64 is a third longer, and the rest of the
/// answer needs room. About 1.4 million scattered prefixes.
inline constexpr std::size_t kMaxPlanned = wire::kMaxAdminReply / 4 * 3 - (std::size_t{64} << 10U);

///   policy_text  empty: the policy in force
///   at           what would be enforced then, by the clock that each schedule names; nothing:
///                while no schedule is in force
[[nodiscard]] wire::AdminReply plan(const Controller& controller, const std::string& policy_text,
                                    std::optional<WeekMinute> at = std::nullopt);
///   argument  "mon 12:30", a line feed, the policy's text. Errors: bad_input for another time.
[[nodiscard]] wire::AdminReply plan_at(const Controller& controller, const std::string& argument);

///   policy_text  empty: the policy in force
///   returns      {"generation", "digest", "prefixes", "sealed": base64, "key": line of a key
///                file}; generation is the next one's number, which it does not take
/// Errors: what the policy says wrong; bad_input past kMaxPlanned.
[[nodiscard]] wire::AdminReply planned_snapshot(const Controller& controller,
                                                const std::string& policy_text);

} // namespace sweepgate::controller
