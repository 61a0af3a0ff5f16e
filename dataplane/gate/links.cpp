// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/links.hpp"

#include <array>

#include "controlplane/model/report.hpp"

namespace sweepgate::gate {

namespace {

using namespace std::chrono_literals;

constexpr auto kLookEvery = 100ms;

} // namespace

Links::Links(std::span<const Port> ports, bool carry, Notify notify)
    : ports_(ports), carry_(carry), notify_(std::move(notify)) {
    for (const auto& port : ports_) states_.emplace_back().label = port.label();
}

/// To set a link up that is up changes nothing, and tells whether the driver has a way at all.
std::array<bool, 2> Links::holdable(std::size_t pair) const {
    std::array<bool, 2> can{};
    for (std::size_t side = 0; side < 2; ++side) {
        const auto& port = ports_[2 * pair + side];
        const auto tried = port.set_link(true);
        can[side] = tried.has_value();
        if (!can[side])
            notify_("port " + port.label() + ": " + port.facts().driver +
                    " cannot take its link down; its neighbour will not see the other side's loss");
    }
    return can;
}

void Links::start() {
    const auto now = std::chrono::steady_clock::now();
    for (std::size_t pair = 0; pair < ports_.size() / 2; ++pair)
        pairs_.emplace_back(now, carry_ ? holdable(pair) : std::array<bool, 2>{});
    for (std::size_t pair = 0; pair < pairs_.size(); ++pair) look_at(pair);
    thread_ = std::thread([this] { run(); });
}

void Links::stop() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    ended_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Links::run() {
    std::unique_lock lock(mutex_);
    while (!ended_.wait_for(lock, kLookEvery, [this] { return ending_; }))
        for (std::size_t pair = 0; pair < pairs_.size(); ++pair) look_at(pair);
}

void Links::look_at(std::size_t pair) {
    auto& carry = pairs_[pair];
    std::array<bool, 2> up{};
    for (std::size_t side = 0; side < 2; ++side) {
        const auto port = 2 * pair + side;
        up[side] = ports_[port].has_link();
        record(port, up[side], carry.held() == side);
    }
    if (const auto order = carry.look(std::chrono::steady_clock::now(), up)) obey(pair, *order);
}

void Links::record(std::size_t port, bool up, bool held) {
    auto& state = states_[port];
    const bool was_up = state.up.exchange(up);
    const bool news = !state.seen || was_up != up;
    state.seen = true;
    state.lost = !up && !held;
    if (!news || held) return;
    const auto mbps = up ? ports_[port].mbps() : 0;
    state.mbps = mbps;
    if (was_up) state.losses.fetch_add(1);
    const auto speed = mbps == 0 ? "" : ", " + std::to_string(mbps) + " Mbit/s";
    notify_("port " + ports_[port].label() + ": link " + (up ? "up" + speed : "down"));
}

void Links::obey(std::size_t pair, LinkOrder order) {
    const auto& port = ports_[2 * pair + order.side];
    const auto& other = ports_[2 * pair + 1 - order.side];
    states_[2 * pair + order.side].up = order.up && port.has_link();
    const auto done = port.set_link(order.up);
    notify_("port " + port.label() + ": link " + (order.up ? "given back: " : "taken down: ") +
            other.label() + (order.up ? " has one again" : " has none") +
            (done ? "" : "; failed: " + done.error().what));
}

void Links::report(std::vector<NamedCounter>& counters) const {
    for (const auto& state : states_) {
        counters.push_back({"link_up " + state.label, state.up ? 1U : 0U});
        counters.push_back({"link_mbps " + state.label, state.mbps});
        counters.push_back({"link_losses " + state.label, state.losses});
    }
}

void Links::add_faults(std::vector<std::string>& warnings) const {
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const auto& state = states_[i];
        const auto& other = states_[i ^ 1U];
        if (state.lost)
            warnings.push_back(std::string(kFaultWarning) + "port " + state.label +
                               " has no link: nothing crosses between it and " + other.label);
    }
}

} // namespace sweepgate::gate
