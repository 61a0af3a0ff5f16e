// SPDX-License-Identifier: Apache-2.0
// Who is asked, and how long it is given.
#include <algorithm>

#include "resolver/engine.hpp"

namespace sweepgate::dns {

namespace {

using std::chrono::milliseconds;

constexpr unsigned kChannelsOfALane = 4;
constexpr auto kPace = milliseconds(10);
constexpr auto kLongestFirstTimeout = milliseconds(1000);
constexpr int kRoundTripsToWait = 4;

} // namespace

Status Engine::open_routes() {
    for (const auto timeout : options_.timeouts) all_timeouts_ += timeout;
    for (const auto& server : options_.servers) {
        const auto vantage = parse_vantage(server);
        if (!vantage) return tl::unexpected(vantage.error());
        routes_.push_back(open_route(*vantage));
    }
    return {};
}

Engine::Route Engine::open_route(const Vantage& vantage) {
    const auto& endpoint = vantage.endpoint;
    const auto known = std::ranges::find_if(
        routes_, [&](const Route& route) { return route.upstream->endpoint() == endpoint; });
    if (known != routes_.end())
        return {known->upstream, vantage.subnet, known->lanes, known->tcp_lane, {}, {}};
    Route route;
    route.upstream = std::make_shared<Upstream>(
        endpoint, Pacer::Bounds{options_.least_queries_per_second, options_.queries_per_second});
    route.subnet = vantage.subnet;
    for (const auto timeout : options_.timeouts)
        route.lanes.push_back(transport_->add_lane(
            {endpoint, timeout, false, kChannelsOfALane, options_.queries_per_port}));
    route.tcp_lane =
        transport_->add_lane({endpoint, options_.tcp_timeout, true, 1, options_.queries_per_port});
    return route;
}

std::optional<std::size_t> Engine::route_for_new(Lineup::Server server) {
    const auto may_ask = [this](std::size_t route) {
        auto& upstream = *routes_[route].upstream;
        return !upstream.is_dead() && upstream.pacer().take(now_);
    };
    if (server) return may_ask(*server) ? std::optional<std::size_t>(*server) : std::nullopt;
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        turn_ = (turn_ + 1) % routes_.size();
        if (may_ask(turn_)) return turn_;
    }
    return std::nullopt;
}

// The next one that lives; with none alive, the next one.
std::size_t Engine::route_after(const Flight& flight) const {
    if (flight.stays) return flight.route;
    for (std::size_t step = 1; step <= routes_.size(); ++step) {
        const auto candidate = (flight.route + step) % routes_.size();
        if (!routes_[candidate].upstream->is_dead()) return candidate;
    }
    return (flight.route + 1) % routes_.size();
}

bool Engine::is_silent(const Route& route) const {
    return route.upstream->is_dead() && route.upstream->silent_for(now_) >= all_timeouts_;
}

// For a question that only `server` may be asked, or any.
bool Engine::is_hopeless(Lineup::Server server) const {
    if (server) return is_silent(routes_[*server]);
    return std::ranges::all_of(routes_, [this](const Route& route) { return is_silent(route); });
}

// A box on the way may be silent to OPT only: where it was not answered lately, no second try
// carries it, and nowhere the last one. A probe is to find whoever lives.
bool Engine::may_carry_edns(const Flight& flight) const {
    const auto& upstream = *routes_[flight.route].upstream;
    if (!options_.edns || flight.is_probe || flight.plain_at == flight.route) return false;
    if (!upstream.speaks_edns(now_)) return false;
    if (flight.attempt == 0 || flight.over_tcp) return true;
    return upstream.proved_edns(now_) && flight.attempt + 1 < options_.timeouts.size();
}

void Engine::turn_pacers() {
    if (now_ - paced_at_ < kPace) return;
    paced_at_ = now_;
    bool paced = false;
    std::chrono::microseconds slowest{0};
    for (auto& route : routes_) {
        auto& upstream = *route.upstream;
        upstream.pacer().turn(now_, options_.timeouts[first_tier(upstream)]);
        // Of one that has not answered yet nobody knows how much it bears.
        const bool unknown = !upstream.is_dead() && upstream.rtt().count() == 0;
        paced = paced || upstream.pacer().rate() > 0 || unknown;
        if (!upstream.is_dead()) slowest = std::max(slowest, upstream.rtt());
    }
    window_.turn(now_, slowest, paced);
}

// The last try made, a server that is no longer asked too fast answers soon.
std::size_t Engine::tier_of(const Flight& flight) const {
    return flight.allowances == 0 ? flight.attempt : std::min<std::size_t>(1, flight.attempt);
}

// The shortest timeout that makes sense here; earlier tries get it as well.
std::size_t Engine::first_tier(const Upstream& upstream) const {
    const auto wanted = kRoundTripsToWait * upstream.rtt();
    std::size_t tier = 0;
    while (tier + 1 < options_.timeouts.size() && options_.timeouts[tier] < wanted &&
           options_.timeouts[tier + 1] <= kLongestFirstTimeout)
        ++tier;
    return tier;
}

} // namespace sweepgate::dns
