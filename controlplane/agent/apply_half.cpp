// SPDX-License-Identifier: Apache-2.0
#include "controlplane/agent/apply_half.hpp"

#include <poll.h>
#include <spdlog/spdlog.h>

namespace sweepgate::agent {

namespace {
constexpr std::chrono::milliseconds kCompareEvery{5000};
using Clock = std::chrono::steady_clock;
} // namespace

ApplyHalf::ApplyHalf(Channel channel, nftables::Gate gate, std::vector<wire::VerifyKey> keys)
    : channel_(std::move(channel)), gate_(std::move(gate)), holding_(std::move(keys)) {}

void ApplyHalf::run() {
    auto next = Clock::now() + kCompareEvery;
    for (;;) {
        pollfd readable{channel_.fd(), POLLIN, 0};
        const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
        const auto ready = ::poll(&readable, 1, std::max(0, static_cast<int>(wait.count())));
        if (ready > 0) {
            const auto order = channel_.receive();
            if (!order) return;
            serve(*order);
        }
        if (Clock::now() < next) continue;
        compare();
        next = Clock::now() + kCompareEvery;
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
    case Order::enforce_chain: return enforce(holding_.open(order.bytes));
    case Order::enforce_delta: return enforce(holding_.extend(order.bytes));
    case Order::probe: return probe(order.bytes);
    case Order::status: return state();
    }
    return fail(Errc::bad_input, "unknown order " + std::to_string(order.kind));
}

Result<std::string> ApplyHalf::enforce(Result<wire::Candidate> candidate) {
    if (!candidate) return tl::unexpected(candidate.error());
    const auto applied = gate_.apply(candidate->snapshot);
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
    const auto installed = gate_.installed();
    if (!installed) return tl::unexpected(installed.error());
    if (*installed) {
        state.generation = (*installed)->generation;
        state.digest = (*installed)->digest;
        auto counters = gate_.counters();
        if (!counters) return tl::unexpected(counters.error());
        state.systems = std::move(*counters);
    }
    return encode(state);
}

void ApplyHalf::compare() {
    const auto& held = holding_.held();
    if (!held) return;
    const auto installed = gate_.installed();
    if (!installed) return spdlog::error("nftables: {}", installed.error().what);
    if (*installed && (*installed)->digest == held->digest) return;
    const auto applied = gate_.apply(held->snapshot);
    if (!applied) return spdlog::error("nftables: {}", applied.error().what);
    ++repaired_;
    spdlog::warn("nftables: somebody changed our rules; generation {} is in force again",
                 applied->generation);
}

} // namespace sweepgate::agent
