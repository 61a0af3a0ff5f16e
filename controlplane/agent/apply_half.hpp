// SPDX-License-Identifier: Apache-2.0
// The half that talks netlink: holds CAP_NET_ADMIN and nothing else, reads nothing but its end of
// the channel and the file of keys, and verifies every signature itself. It ends when the channel
// does and leaves the kernel's rules as they are.
#pragma once

#include "controlplane/agent/kernel.hpp"
#include "controlplane/agent/ruleset_watch.hpp"
#include "controlplane/nftables/gate.hpp"
#include "controlplane/wire/holding.hpp"
#include "controlplane/wire/trust.hpp"

namespace sweepgate::agent {

class ApplyHalf {
public:
    ApplyHalf(Channel channel, nftables::Gate gate, RulesetWatch watch, wire::Trust trust);
    /// Serves orders, compares with the kernel when somebody touched our table and every five
    /// seconds, and looks at the clock each second for schedules. Returns when the network half is
    /// gone. Errors: those of RulesetWatch::listen().
    Status run();

private:
    using Clock = std::chrono::steady_clock;
    [[nodiscard]] std::chrono::milliseconds until_compare() const;
    [[nodiscard]] std::chrono::milliseconds until_due() const;
    void serve(const Frame& order);
    Result<std::string> obey(const Frame& order);
    Result<std::string> trust(const std::string& list);
    /// Verifies with the keys that are trusted by now.
    wire::Holding& holding();
    Result<std::string> enforce(Result<wire::Candidate> candidate);
    [[nodiscard]] Status check_not_older(const Snapshot& snapshot);
    Result<std::string> probe(const std::string& address_bytes);
    Result<std::string> state();
    /// Puts our rules back if they are not in force.
    void compare();
    void repair(const wire::Candidate& held);
    /// Puts other schedules in force when their hour has come.
    void follow_clock();
    /// Judges the bridges there are now.
    void follow_paths();
    void tell_of_bypasses();
    /// Applies with our own notifications left unheard.
    Result<nftables::Applied> apply(const Snapshot& snapshot);

    Channel channel_;
    nftables::Gate gate_;
    RulesetWatch watch_;
    wire::Trust trust_;
    wire::Holding holding_;
    ScheduleSet schedules_ = 0; // of what we applied last
    std::uint64_t repaired_ = 0;
    Clock::time_point compare_due_{};
    Clock::time_point clock_due_{};
    Clock::time_point paths_due_{};
    std::string fault_;               // of the last repair
    std::vector<std::string> told_;   // of what passes our rules by
    Clock::time_point quiet_until_{}; // no comparison before, however much is heard
    bool touched_ = false;            // somebody touched our table since the last comparison
    bool distrusted_ = true; // what the kernel holds of ours may have been changed by others
};

} // namespace sweepgate::agent
