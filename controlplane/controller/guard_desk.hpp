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
#include "controlplane/controller/start_faults.hpp"
#include "controlplane/guard/observations.hpp"

namespace sweepgate::controller {

class GuardDesk {
public:
    /// An empty memory where it was damaged, or where the disk does not let it be opened; faults
    /// say so. Errors: conflict.
    static Result<GuardDesk> open(const std::filesystem::path& state, GuardConfig config,
                                  StartFaults& faults);

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
    Status copy_to(const std::filesystem::path& path) const { return memory_.copy_to(path); }
    /// Reads the observers' file again; what is wrong with it is a fault.
    void reload(StartFaults& faults);
    /// The memory from its file, when that could not be opened before and now can be.
    void open_again(const std::filesystem::path& state, StartFaults& faults);

    /// What follows from its judgements.
    [[nodiscard]] std::vector<Alarm> alarms(const SnapshotPlan& plan,
                                            std::span<const NameState> names, Instant now) const;

private:
    GuardDesk(GuardConfig config, GuardMemory memory, std::filesystem::path observed_copy)
        : config_(std::move(config)), memory_(std::move(memory)),
          observed_copy_(std::move(observed_copy)) {}

    GuardConfig config_;
    GuardMemory memory_;
    std::filesystem::path observed_copy_;
    bool forgets_ = false;                           // the memory is in no file
    std::shared_ptr<const Observations> observed_;   // null: none
    Instant canaries_at_{};                          // epoch 0: never
    std::unordered_map<Address, Instant> failed_at_; // reverse questions without an answer
    std::unordered_map<Address, Instant> forged_at_; // last written
    std::size_t vendor_turn_ = 0;
};

} // namespace sweepgate::controller
