// SPDX-License-Identifier: Apache-2.0
// Everything that the guard knows beside catalog, policy and book, in one place of the controller:
// its memory, what an observer saw, and the alarms that follow.
// Used under the controller's lock.
#pragma once

#include <memory>
#include <optional>

#include "controlplane/book/book.hpp"
#include "controlplane/controller/alarms.hpp"
#include "controlplane/controller/guard_memory.hpp"
#include "controlplane/controller/guard_sweep.hpp"
#include "controlplane/guard/observations.hpp"

namespace sweepgate::controller {

class GuardDesk {
public:
    /// Errors: of the memory; an observers' file that cannot be read is logged.
    static Result<GuardDesk> open(const std::filesystem::path& state, GuardConfig config);

    /// Resolvers and gateways in use, whom they contradict, and all that was learnt. Good until
    /// anything changes here: not beyond the controller's lock.
    [[nodiscard]] GuardContext context(const ResolverConfig& resolver,
                                       std::span<const Dispute> disputes) const;
    [[nodiscard]] const GuardMemory& memory() const { return memory_; }

    /// What to ask next; the canaries' turn moves on.
    [[nodiscard]] GuardQuestions questions(const Catalog& catalog, const Policy& policy,
                                           const SnapshotPlan* plan, Instant now);
    Status learn(const GuardFindings& findings, Instant now);
    /// What resolvers say themselves that they forge. True when the guard has to judge again.
    Result<bool> learn(const std::vector<Sinkhole>& forged, Instant now);
    Status refuse(const Hold& hold, const std::string& by) { return memory_.refuse(hold, by); }
    Result<bool> forgive(const std::string& system) { return memory_.forgive(system); }
    /// What was published of DNS's part, and all names that are asked for; a fault is logged, since
    /// what is in force is so without it.
    void remember(const DnsPart& part);
    void ask(const std::vector<BookName>& names, Instant now);
    /// Reads the observers' file again.
    void reload();

    void raise(const SnapshotPlan& plan, std::span<const NameState> names, Instant now);
    [[nodiscard]] const AlarmLog& alarms() const { return alarms_; }

private:
    GuardDesk(GuardConfig config, GuardMemory memory)
        : config_(std::move(config)), memory_(std::move(memory)) {}

    GuardConfig config_;
    GuardMemory memory_;
    Observations observed_;
    AlarmLog alarms_;
    Instant canaries_at_{};                          // epoch 0: never
    std::unordered_map<Address, Instant> failed_at_; // reverse questions without an answer
    std::unordered_map<Address, Instant> forged_at_; // last written
    std::size_t vendor_turn_ = 0;
};

} // namespace sweepgate::controller
