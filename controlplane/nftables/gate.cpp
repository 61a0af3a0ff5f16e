// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/gate.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "controlplane/nftables/compile.hpp"
#include "controlplane/nftables/inspect.hpp"
#include "controlplane/nftables/kernel.hpp"
#include "controlplane/nftables/options.hpp"
#include "controlplane/nftables/transition.hpp"

namespace sweepgate::nftables {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kBridgeAgain{60};
constexpr int kTries = 16; // others commit to nf_tables too (containers, firewalld)
constexpr std::chrono::milliseconds kPacketTime{100};

/// Returns when the packets that are in the rules now have left them. The kernel runs hooks inside
/// read sections of RCU, and a membarrier of all processes waits for those (membarrier(2),
/// kernel/sched/membarrier.c); where it is not to be had (nohz_full), a time that no packet takes.
void wait_for_packets_in_flight() {
    if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) != 0)
        std::this_thread::sleep_for(kPacketTime);
}

std::uint64_t micros_since(Clock::time_point start) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count());
}

} // namespace

class Gate::State {
public:
    State(GateOptions options, Socket socket)
        : options_(std::move(options)), socket_(std::move(socket)) {}

    Result<Applied> apply(const Snapshot& snapshot, bool again) {
        if (auto ok = validate(snapshot); !ok) return within("snapshot", ok.error());
        const Receipt wanted{snapshot.generation, digest_of(snapshot), checksum(options_), kLayout,
                             schedules_now(snapshot.rules)};
        Applied applied{snapshot.generation, wanted.schedules, 0, 0};
        auto done = retried([&] { return install(snapshot, wanted, again, applied); });
        if (!done) return within("generation " + std::to_string(snapshot.generation), done.error());
        built_ = {wanted, rules_under(snapshot.rules, wanted.schedules)};
        return applied;
    }

    [[nodiscard]] ScheduleSet schedules_now(const Ruleset& rules) const {
        return rules.schedules.empty() ? 0 : schedules_at(rules, options_.civil_times());
    }

    Result<std::optional<Installed>> installed() {
        const auto state = read_table(socket_, options_.table);
        if (!state) return tl::unexpected(state.error());
        const auto tag = in_force(*state, options_.output);
        if (!tag) return std::optional<Installed>{};
        const auto& receipt = *state->generations.at(*tag).receipt;
        return std::optional{Installed{receipt.generation, receipt.digest, receipt.schedules}};
    }

    Result<std::vector<SystemCounter>> counters() {
        return read_system_counters(socket_, options_.table);
    }

    Result<ProbeAnswer> probe(const Address& address) {
        return nftables::probe(socket_, options_, built_, address);
    }

    [[nodiscard]] Result<Paths> paths(PathReader& reader) { return reader.read(socket_); }
    void judge_tagged_only(bool tagged_only) { options_.tagged_only = tagged_only; }

    Status remove() {
        return retried([&]() -> Status {
            const auto state = read_table(socket_, options_.table);
            if (!state) return tl::unexpected(state.error());
            if (!state->exists) return {};
            Batch batch(options_.table, state->kernel_generation, socket_.next_sequence(),
                        options_.layer);
            batch.delete_table();
            return commit(std::move(batch).finish());
        });
    }

private:
    /// Runs `step` again while others keep changing nf_tables under it (conflict from ERESTART),
    /// and when the kernel's answer got lost: every step starts by reading the state.
    template <typename Step>
    Status retried(Step step) {
        Status done;
        for (int tries = 0; tries < kTries; ++tries) {
            restart_ = false;
            done = step();
            if (done || !restart_) return done;
        }
        return done;
    }

    Status commit(Result<FinishedBatch> batch) {
        if (!batch) return tl::unexpected(batch.error());
        auto done = socket_.commit(*batch);
        if (!done) {
            restart_ =
                done.error().code == Errc::conflict || done.error().code == Errc::unavailable;
            return within("table " + options_.table, done.error());
        }
        return done;
    }

    Status install(const Snapshot& snapshot, const Receipt& wanted, bool again, Applied& applied) {
        auto state = read_table(socket_, options_.table);
        if (!state) return tl::unexpected(state.error());
        const auto current = in_force(*state, options_.output);
        if (current) {
            const auto& receipt = *state->generations.at(*current).receipt;
            if (receipt == wanted && !again) {
                tidy(*state); // who built it may have died before it did
                return {};
            }
            if (receipt.generation == wanted.generation && receipt.digest != wanted.digest)
                return fail(Errc::conflict, "in force with digest " + to_hex(receipt.digest) +
                                                ", refusing " + to_hex(wanted.digest));
        }
        if (auto clean = drop_unreferenced(*state); !clean && restart_) return clean;

        const auto start = Clock::now();
        state = read_table(socket_, options_.table);
        if (!state) return tl::unexpected(state.error());
        const auto tag = free_tag(*state, wanted.generation);
        const auto program =
            compile(snapshot, {tag, wanted, options_.output, options_.management,
                               options_.layer == Layer::network, options_.tagged_only});
        if (!program) return tl::unexpected(program.error());
        if (auto ok = build(*state, *program); !ok) return ok;
        applied.build_us = micros_since(start);
        if (auto ok = enforce(tag, applied); !ok) return ok;
        drop_old_limits(*state, *program);
        return {};
    }

    /// Limits of other rates, one by one: the kernel keeps what a leftover still refers to.
    void drop_old_limits(const TableState& state, const Program& program) {
        for (const auto& name : state.limits) {
            const bool wanted = std::any_of(program.limits.begin(), program.limits.end(),
                                            [&](const auto& limit) { return limit.name == name; });
            if (wanted) continue;
            Batch batch(options_.table, 0, socket_.next_sequence(), options_.layer);
            batch.delete_limit(name);
            static_cast<void>(commit(std::move(batch).finish()));
        }
        restart_ = false;
    }

    Status build(const TableState& state, const Program& program) {
        auto built = commit(build_batch(state, options_, program, socket_.next_sequence()));
        if (!built) return built;
        for (const auto& set : program.sets)
            if (auto ok = check_loaded(set); !ok) return ok;
        for (const auto& map : program.verdicts)
            if (auto ok = check_loaded(map); !ok) return ok;
        return {};
    }

    /// Asks the kernel for three elements of a set or map it has just taken.
    template <typename Set>
    Status check_loaded(const Set& set) {
        const auto last = set.elements.size() - 1;
        for (const auto i : {std::size_t{0}, last / 2, last})
            if (auto ok = check_element(set, set.elements[i]); !ok) return ok;
        return {};
    }

    Status check_element(const AddressSet& set, const Element& element) {
        const auto found = look_up(socket_, options_.table, set.name, element.range.last);
        if (!found) return tl::unexpected(found.error());
        if (*found && (!set.is_map || (*found)->address_class == element.address_class)) return {};
        return not_there(set.name, to_string(element.range.last));
    }

    Status check_element(const VerdictMap& map, const Verdict& verdict) {
        const auto found = look_up(socket_, options_.table, map.name, verdict.address_class);
        if (!found) return tl::unexpected(found.error());
        if (*found && (*found)->chain == verdict.chain) return {};
        return not_there(map.name, "class " + std::to_string(verdict.address_class));
    }

    static Status not_there(const std::string& set, const std::string& key) {
        return fail(Errc::io, "set " + set + ": " + key + " was loaded but is not there");
    }

    Status enforce(const std::string& tag, Applied& applied) {
        const auto state = read_table(socket_, options_.table);
        if (!state) return tl::unexpected(state.error());
        const auto start = Clock::now();
        auto switched = commit(switch_batch(*state, options_, tag, socket_.next_sequence()));
        if (!switched) return switched;
        applied.switch_us = micros_since(start);
        const auto after = read_table(socket_, options_.table);
        if (!after) return tl::unexpected(after.error());
        if (in_force(*after, options_.output) != tag)
            return fail(Errc::conflict,
                        "table " + options_.table + " was changed by somebody during the switch");
        tidy(*after);
        return {};
    }

    /// A failure leaves memory in use and nothing else; the next apply tries again.
    void tidy(const TableState& state) {
        static_cast<void>(drop_unreferenced(state));
        restart_ = false;
    }

    /// Generations that no base chain leads to. A packet that was let into one before the switch
    /// still looks into its sets, and would find them empty and pass.
    Status drop_unreferenced(const TableState& state) {
        const auto keep = referenced(state);
        std::set<std::string> tags;
        for (const auto& [tag, loaded] : state.generations)
            if (!keep.contains(tag)) tags.insert(tag);
        if (tags.empty()) return {};
        wait_for_packets_in_flight();
        return commit(cleanup_batch(state, options_, tags, socket_.next_sequence()));
    }

    GateOptions options_;
    Socket socket_;
    bool restart_ = false;
    std::optional<BuiltRules> built_;
};

Gate::Gate(std::unique_ptr<State> network, std::unique_ptr<State> bridge, PathReader reader)
    : state_(std::move(network)), bridge_(std::move(bridge)),
      reader_(std::make_unique<PathReader>(std::move(reader))) {}
Gate::Gate(Gate&&) noexcept = default;
Gate& Gate::operator=(Gate&&) noexcept = default;
Gate::~Gate() = default;

Result<Gate> Gate::open(GateOptions options) {
    if (auto ok = check(options); !ok) return tl::unexpected(ok.error());
    auto socket = Socket::open();
    if (!socket) return tl::unexpected(socket.error());
    if (auto alive = socket->kernel_generation(); !alive) return tl::unexpected(alive.error());
    auto bridge_socket = Socket::open(Layer::bridge);
    if (!bridge_socket) return tl::unexpected(bridge_socket.error());
    auto reader = PathReader::open();
    if (!reader) return tl::unexpected(reader.error());
    auto bridge = options;
    bridge.layer = Layer::bridge;
    bridge.output = false; // what reaches the box or leaves it is judged as IP
    Gate gate(std::make_unique<State>(std::move(options), std::move(*socket)),
              std::make_unique<State>(std::move(bridge), std::move(*bridge_socket)),
              std::move(*reader));
    static_cast<void>(gate.paths_changed());
    return gate;
}

bool Gate::paths_changed() {
    auto paths = state_->paths(*reader_);
    if (!paths) return false; // the kernel's word is in the next apply()
    paths_ = std::move(*paths);
    const bool tries_again = !bridge_fault_.empty() && Clock::now() >= bridge_again_;
    return tries_again || bridge_duty(paths_) != bridge_duty_;
}

std::vector<std::string> Gate::bypasses() const { return describe_bypasses(paths_, bridge_fault_); }

/// Each table is switched in one step of its own. When the kernel takes only the first, the second
/// keeps what it had, and bypasses() tells.
Result<Applied> Gate::apply(const Snapshot& snapshot, bool again) {
    static_cast<void>(paths_changed());
    auto applied = state_->apply(snapshot, again);
    if (!applied) return applied;
    bridge_duty_ = bridge_duty(paths_);
    bridge_fault_.clear();
    if (bridge_duty_ == BridgeDuty::none) {
        static_cast<void>(bridge_->remove());
        return applied;
    }
    bridge_->judge_tagged_only(bridge_duty_ == BridgeDuty::tagged);
    const auto bridged = bridge_->apply(snapshot, again);
    if (!bridged) {
        bridge_fault_ = bridged.error().what;
        bridge_again_ = Clock::now() + kBridgeAgain;
        return applied; // told by bypasses()
    }
    applied->build_us += bridged->build_us;
    applied->switch_us += bridged->switch_us;
    return applied;
}

Result<Applied> Gate::apply(const Snapshot& snapshot) { return apply(snapshot, false); }
Result<Applied> Gate::rebuild(const Snapshot& snapshot) { return apply(snapshot, true); }
ScheduleSet Gate::schedules_now(const Ruleset& rules) const { return state_->schedules_now(rules); }

Result<std::optional<Installed>> Gate::installed() {
    auto installed = state_->installed();
    if (!installed || !*installed) return installed;
    if (bridge_duty_ == BridgeDuty::none || !bridge_fault_.empty()) return installed;
    const auto bridged = bridge_->installed();
    if (!bridged) return tl::unexpected(bridged.error());
    const bool alike = *bridged && (*bridged)->generation == (*installed)->generation &&
                       (*bridged)->digest == (*installed)->digest &&
                       (*bridged)->schedules == (*installed)->schedules;
    if (!alike) return std::optional<Installed>{};
    return installed;
}

Result<std::vector<SystemCounter>> Gate::counters() {
    auto counters = state_->counters();
    if (!counters || bridge_duty_ == BridgeDuty::none) return counters;
    const auto bridged = bridge_->counters();
    if (!bridged) return tl::unexpected(bridged.error());
    return summed(std::move(*counters), *bridged);
}

Result<ProbeAnswer> Gate::probe(const Address& address) { return state_->probe(address); }

Status Gate::remove() {
    if (auto ok = state_->remove(); !ok) return ok;
    // A kernel without the family has no such table.
    if (auto ok = bridge_->remove(); !ok && ok.error().code != Errc::io) return ok;
    return {};
}

} // namespace sweepgate::nftables
