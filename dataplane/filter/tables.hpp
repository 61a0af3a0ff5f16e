// SPDX-License-Identifier: Apache-2.0
// A snapshot compiled for lookup. Immutable: any number of threads may read one at a time.
//
//   address --table4/table6--> class id --decisions[group][class id]--> action, system
//
// Class ids fold `allow` into the same lookup: 0 nothing is known of the address, 1 allowed,
// 2.. the snapshot's class of index id - 2. So each address costs one lookup, and almost every
// packet ends there with two zeros. Groups are looked up only behind a hit.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "controlplane/model/judge.hpp"
#include "controlplane/model/report.hpp"
#include "controlplane/model/snapshot.hpp"
#include "controlplane/model/timetable.hpp"
#include "dataplane/filter/groups.hpp"
#include "dataplane/filter/table4.hpp"
#include "dataplane/filter/table6.hpp"
#include "dataplane/filter/verdict.hpp"

namespace sweepgate::filter {

/// The verdict of a packet with one listed end, [0] its source or [1] its destination, where it
/// depends neither on the client nor on ports. Where it does is_inner is set, and nothing else
/// said.
using VerdictsForAll = std::array<Judgement, 2>;

class Tables {
public:
    /// Milliseconds for 100k entries; memory about 14 B an IPv4 and 62 B an IPv6 entry.
    ///   arena      cleared and then filled; nobody else may use it as long as the tables live
    ///   schedules  those in force: their actions are compiled
    /// Errors: bad_input when the snapshot breaks an invariant of the model; unavailable when
    /// there is no memory.
    [[nodiscard]] static Result<std::unique_ptr<const Tables>>
    compile(const Snapshot& snapshot, std::shared_ptr<Arena> arena, ScheduleSet schedules = 0);
    /// The same in an arena of its own.
    [[nodiscard]] static Result<std::unique_ptr<const Tables>> compile(const Snapshot& snapshot,
                                                                       ScheduleSet schedules = 0);

    [[nodiscard]] ClassId lookup(const Address& address) const noexcept;
    [[nodiscard]] const Table4& ipv4() const noexcept { return table4_; }
    [[nodiscard]] const Table6& ipv6() const noexcept { return table6_; }

    /// What one listed end decides; exactly decide() of the model.
    ///   id      2 or more
    ///   client  the other end, which the groups are asked for
    [[nodiscard]] Decision decide(ClassId id, const Address& client, std::uint8_t protocol,
                                  std::optional<std::uint16_t> server_port) const noexcept;

    /// By class id, that of kUnlisted included, which says nothing.
    [[nodiscard]] const VerdictsForAll* verdicts_for_all() const noexcept {
        return for_all_.data();
    }

    /// What the table says of an address for a client in no group, ports aside.
    [[nodiscard]] ProbeAnswer probe(const Address& address) const;

    /// Whether what tunnels carry is judged as well.
    [[nodiscard]] bool inspects_tunnels() const noexcept { return rules_.inspect_tunnels; }
    /// Whether anything is allowed.
    [[nodiscard]] bool allows_any() const noexcept { return allows_any_; }
    [[nodiscard]] Generation generation() const { return generation_; }
    [[nodiscard]] Instant expires_at() const { return expires_at_; }
    [[nodiscard]] const std::vector<System>& systems() const { return rules_.systems; }
    /// Of the lookup structures, bytes.
    [[nodiscard]] std::size_t memory_bytes() const;

private:
    Tables() = default;
    void precompute_decisions();

    std::shared_ptr<Arena> arena_; // what the tables lie in
    Table4 table4_;
    Table6 table6_;
    Groups groups_;
    std::vector<Decision> decisions_; // [group * classes + class], exclusive classes only
    std::vector<VerdictsForAll> for_all_;
    Ruleset rules_; // without allow and sources, which the tables hold
    bool allows_any_ = false;
    Generation generation_ = 0;
    Instant expires_at_{};
};

} // namespace sweepgate::filter
