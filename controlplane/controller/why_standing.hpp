// SPDX-License-Identifier: Apache-2.0
// How an address stands: what is in force about it, what keeps it from being listed, what exempts
// it. One word and one sentence, so that no line of an answer contradicts another. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "controlplane/controller/alarms.hpp"
#include "controlplane/guard/snapshot_plan.hpp"
#include "controlplane/model/snapshot.hpp"

namespace sweepgate::controller {

/// What is known; nothing is copied.
struct WhyFacts {
    const Snapshot* snapshot = nullptr; // published; null: nothing has been yet
    const SnapshotPlan* plan = nullptr; // of the last round; null: none has been made yet
    std::span<const Alarm> alarms;      // that stand: they know since when
};

/// The first that applies.
enum class Standing : std::uint8_t {
    unpublished, // nothing has been published
    allowed,     // judged first, whatever else lists it
    listed,
    held,     // the guard would list it, its system's change waits for a person
    waiting,  // the guard wants more resolvers to say so
    refused,  // by the guard, for a reason
    due,      // comes with the next generation
    unlisted, // nobody has it
};
[[nodiscard]] std::string_view to_string(Standing standing);

struct AddressStanding {
    Standing standing = Standing::unpublished;
    const Entry* entry = nullptr;             // that lists it
    const Hold* hold = nullptr;               // that keeps it in or out
    std::vector<const Judgement*> judgements; // of prefixes that cover it
    std::vector<const Exception*> exceptions; // that cover it
};

[[nodiscard]] AddressStanding standing_of(const WhyFacts& facts, const Address& address);

/// "203.0.113.9 is held since 2026-11-30T19:31:01Z: tox would gain 51 addresses; sweepgate approve
/// tox | refuse tox".
[[nodiscard]] std::string sentence_of(const WhyFacts& facts, const Address& address,
                                      const AddressStanding& standing);

/// What became of one judgement of a prefix that covers the address: "in force", "held, not in
/// force", "allowed first, so it passes", "not yet in force", "not enforced".
[[nodiscard]] std::string_view effect_of(const WhyFacts& facts, const AddressStanding& standing,
                                         const Judgement& judgement);

/// "protected host www.chase.com (bank)".
[[nodiscard]] std::string to_text(const Exception& exception);

} // namespace sweepgate::controller
