// SPDX-License-Identifier: Apache-2.0
#include "controlplane/agent/apply_half.hpp"

#include <poll.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "controlplane/model/text.hpp"

namespace sweepgate::agent {

namespace {
constexpr std::chrono::milliseconds kCompareEvery{5000};
constexpr std::chrono::milliseconds kLookAtClockEvery{1000};
constexpr std::chrono::milliseconds kLookAtPathsEvery{1000};
// Whoever rewrites our table in a loop gets at most a fifth of our time.
constexpr std::chrono::milliseconds kQuiet{20};
constexpr int kQuietShare = 4;
constexpr std::chrono::milliseconds kRepairAgain{1000};
} // namespace

ApplyHalf::ApplyHalf(Channel channel, nftables::Gate gate, RulesetWatch watch, wire::Trust trust)
    : channel_(std::move(channel)), gate_(std::move(gate)), watch_(std::move(watch)),
      trust_(std::move(trust)), holding_({}) {}

std::chrono::milliseconds ApplyHalf::until_compare() const {
    const auto next = touched_ ? std::min(compare_due_, quiet_until_) : compare_due_;
    return std::max(std::chrono::milliseconds(0),
                    std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()));
}

std::chrono::milliseconds ApplyHalf::until_due() const {
    const auto& held = holding_.held();
    if (!held) return until_compare();
    const bool scheduled = !held->snapshot.rules.schedules.empty();
    return std::min(
        {until_compare(), kLookAtPathsEvery, scheduled ? kLookAtClockEvery : kLookAtPathsEvery});
}

Status ApplyHalf::run() {
    if (auto ok = watch_.listen(); !ok) return ok;
    compare_due_ = Clock::now() + kCompareEvery;
    for (;;) {
        std::array<pollfd, 2> readable{{{channel_.fd(), POLLIN, 0}, {watch_.fd(), POLLIN, 0}}};
        (void)::poll(readable.data(), readable.size(), static_cast<int>(until_due().count()));
        if (readable[1].revents != 0 && watch_.table_changed()) touched_ = distrusted_ = true;
        if (until_compare().count() == 0) compare();
        follow_clock();
        follow_paths();
        if (readable[0].revents == 0) continue;
        const auto order = channel_.receive();
        if (!order) return {};
        serve(*order);
    }
}

void ApplyHalf::serve(const Frame& order) {
    const auto done = obey(order);
    // A network half that is gone is seen by the next receive.
    if (done)
        (void)channel_.send(0, *done);
    else
        (void)channel_.send(1U + static_cast<std::uint32_t>(done.error().code), done.error().what);
}

Result<std::string> ApplyHalf::obey(const Frame& order) {
    switch (static_cast<Order>(order.kind)) {
    case Order::enforce_chain: return enforce(holding().open(order.bytes));
    case Order::enforce_delta: return enforce(holding().extend(order.bytes));
    case Order::probe: return probe(order.bytes);
    case Order::status: return state();
    case Order::trust: return trust(order.bytes);
    }
    return fail(Errc::bad_input, "unknown order " + std::to_string(order.kind));
}

wire::Holding& ApplyHalf::holding() {
    (void)trust_.look();
    // The first is last good: it was good when it was saved, whatever has become of its key.
    if (holding_.held())
        holding_.trust(trust_.keys(), trust_.most_generation());
    else
        holding_.trust(trust_.keys_of_the_past(), wire::last_of(wire::kMostEpoch));
    return holding_;
}

Result<std::string> ApplyHalf::trust(const std::string& list) {
    (void)trust_.look();
    if (auto taken = trust_.take(list); !taken) return tl::unexpected(taken.error());
    return std::string();
}

/// What the kernel enforces was verified by whoever had it built: a program that starts with less,
/// from a backup or a full disk, or is given less, leaves it.
Status ApplyHalf::check_not_older(const Snapshot& snapshot) {
    if (holding_.held()) return {}; // which nothing older follows
    const auto installed = gate_.installed();
    if (!installed || !*installed) return {};
    const auto enforced = (*installed)->generation;
    if (enforced <= snapshot.generation || enforced > trust_.most_generation()) return {};
    return fail(Errc::conflict, "the kernel enforces generation " + std::to_string(enforced) +
                                    ", and generation " + std::to_string(snapshot.generation) +
                                    " is older");
}

Result<std::string> ApplyHalf::enforce(Result<wire::Candidate> candidate) {
    if (!candidate) return tl::unexpected(candidate.error());
    if (auto ok = check_not_older(candidate->snapshot); !ok) return tl::unexpected(ok.error());
    const auto applied = apply(candidate->snapshot);
    if (!applied) return tl::unexpected(applied.error());
    spdlog::info("nftables: generation {} in force, {} prefixes, built in {} us, switched in {} us",
                 applied->generation, candidate->snapshot.entries.size(), applied->build_us,
                 applied->switch_us);
    holding_.accept(std::move(*candidate));
    return std::string();
}

Result<std::string> ApplyHalf::probe(const std::string& address_bytes) {
    const auto address = address_from_bytes(
        {reinterpret_cast<const std::uint8_t*>(address_bytes.data()), address_bytes.size()});
    if (!address) return tl::unexpected(address.error());
    const auto answer = gate_.probe(*address);
    if (!answer) return tl::unexpected(answer.error());
    return encode(*answer);
}

Result<std::string> ApplyHalf::state() {
    KernelState state;
    state.repaired = repaired_;
    state.bypasses = gate_.bypasses();
    state.fault = fault_;
    const auto installed = gate_.installed();
    if (!installed) return tl::unexpected(installed.error());
    if (*installed) {
        state.generation = (*installed)->generation;
        state.digest = (*installed)->digest;
        if (const auto& held = holding_.held(); held && held->digest == state.digest)
            state.schedules = names_of(held->snapshot.rules, (*installed)->schedules);
        auto counters = gate_.counters();
        if (!counters) return tl::unexpected(counters.error());
        state.systems = std::move(*counters);
    }
    return encode(state);
}

Result<nftables::Applied> ApplyHalf::apply(const Snapshot& snapshot) {
    watch_.ignore();
    // The receipt in the kernel says what was built, not that it still is: what others did to it
    // before we started, or within our hearing since, is found by building it again.
    auto applied = distrusted_ ? gate_.rebuild(snapshot) : gate_.apply(snapshot);
    if (applied) {
        distrusted_ = false;
        schedules_ = applied->schedules;
    }
    tell_of_bypasses();
    // What others did meanwhile was not heard.
    touched_ = true;
    if (auto ok = watch_.listen(); !ok) spdlog::error("{}", ok.error().what);
    return applied;
}

void ApplyHalf::compare() {
    const auto began = Clock::now();
    touched_ = false;
    compare_due_ = began + kCompareEvery;
    const auto& held = holding_.held();
    if (!held) return;
    const auto installed = gate_.installed();
    const auto now = Clock::now();
    quiet_until_ = now + std::max<Clock::duration>(kQuiet, kQuietShare * (now - began));
    if (!installed) return spdlog::error("nftables: {}", printable(installed.error().what));
    if (distrusted_ || !*installed || (*installed)->digest != held->digest ||
        (*installed)->schedules != schedules_)
        repair(*held);
}

void ApplyHalf::repair(const wire::Candidate& held) {
    const auto applied = apply(held.snapshot);
    fault_ = applied ? std::string() : applied.error().what;
    if (!applied) {
        touched_ = false; // not at every notification: it is somebody else's turn to change
        compare_due_ = Clock::now() + kRepairAgain;
        return spdlog::error("nftables: {}", printable(applied.error().what));
    }
    ++repaired_;
    spdlog::warn("nftables: somebody changed our rules; generation {} is in force again",
                 applied->generation);
}

void ApplyHalf::follow_clock() {
    const auto& held = holding_.held();
    if (!held || held->snapshot.rules.schedules.empty() || Clock::now() < clock_due_) return;
    clock_due_ = Clock::now() + kLookAtClockEvery;
    const auto& rules = held->snapshot.rules;
    if (gate_.schedules_now(rules) == schedules_) return;
    const auto applied = apply(held->snapshot);
    if (!applied) return spdlog::error("nftables: {}", printable(applied.error().what));
    std::string names;
    for (const auto& name : names_of(rules, applied->schedules)) names += " " + name;
    spdlog::info("nftables: schedules in force:{}, built in {} us, switched in {} us",
                 names.empty() ? " none" : names, applied->build_us, applied->switch_us);
}

/// A bridge that came is judged, one that went no more; what cannot be judged is told.
void ApplyHalf::follow_paths() {
    const auto& held = holding_.held();
    if (!held || Clock::now() < paths_due_) return;
    paths_due_ = Clock::now() + kLookAtPathsEvery;
    const bool changed = gate_.paths_changed();
    tell_of_bypasses();
    if (!changed) return;
    const auto applied = apply(held->snapshot);
    if (!applied) return spdlog::error("nftables: {}", printable(applied.error().what));
    if (told_.empty())
        spdlog::info("nftables: bridges of this box changed; generation {} is in force there too",
                     applied->generation);
}

void ApplyHalf::tell_of_bypasses() {
    auto bypasses = gate_.bypasses();
    if (bypasses == told_) return;
    for (const auto& bypass : bypasses)
        if (std::ranges::find(told_, bypass) == told_.end())
            spdlog::warn("nftables: {}", printable(bypass));
    if (bypasses.empty()) spdlog::info("nftables: nothing passes the rules by any more");
    told_ = std::move(bypasses);
}

} // namespace sweepgate::agent
