// SPDX-License-Identifier: Apache-2.0
// Ports, their queues and the lcores that serve them.
#include <algorithm>
#include <set>

#include <rte_lcore.h>

#include "dataplane/gate/gate_state.hpp"

namespace sweepgate::gate {

namespace {

/// Buffers of a pool beyond what queues hold: bursts and the caches of lcores.
constexpr unsigned kSpare = 8191;
constexpr unsigned kSpareOfLarge = 2047;
constexpr unsigned kSparePerLcore = 512;

std::vector<LcorePlace> places_of(const std::vector<unsigned>& lcores,
                                  const std::function<int(unsigned)>& socket_of) {
    std::vector<LcorePlace> places;
    for (const auto lcore : lcores)
        places.push_back({lcore, socket_of ? socket_of(lcore)
                                           : static_cast<Socket>(rte_lcore_to_socket_id(lcore))});
    return places;
}

std::vector<PairPlace> pair_places(const std::vector<Port>& ports) {
    std::vector<PairPlace> pairs;
    for (std::size_t i = 0; i + 1 < ports.size(); i += 2)
        pairs.push_back(
            {most_lcores(ports[i].facts(), ports[i + 1].facts()), ports[i].facts().socket});
    return pairs;
}

} // namespace

void Gate::State::notify(const std::string& text) const {
    if (options.notify) options.notify(text);
}

Status Gate::State::open_ports(const std::vector<Device>& devices,
                               const std::vector<unsigned>& lcores) {
    ports.reserve(devices.size());
    for (const auto& device : devices) {
        auto port = Port::open(device, options.mtu);
        if (!port) return tl::unexpected(port.error());
        for (const auto& notice : port->notices()) notify("port " + port->label() + ": " + notice);
        ports.push_back(std::move(*port));
    }
    const auto places = places_of(lcores, options.socket_of);
    const auto served = share_lcores(places, pair_places(ports));
    if (auto ok = set_up_ports(served); !ok) return ok;
    links = std::make_unique<Links>(ports, options.carry_link,
                                    [this](const std::string& text) { notify(text); });
    return assign_lanes(places, served);
}

/// One pool for each socket and room: pairs of one kind share their buffers.
Status Gate::State::set_up_ports(const std::vector<std::vector<unsigned>>& served) {
    std::vector<PortSetup> setups;
    std::map<std::pair<Socket, unsigned>, unsigned> buffers;
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const auto& facts = ports[i].facts();
        setups.push_back(
            plan_port(facts, ports[i ^ 1U].facts(), static_cast<unsigned>(served[i / 2].size())));
        buffers[{facts.socket, setups[i].room}] += setups[i].buffers;
        for (std::size_t spare = 1; spare < served[i / 2].size(); ++spare)
            buffers[{facts.socket, setups[i].room}] += kSparePerLcore;
    }
    for (const auto& [kind, count] : buffers) {
        const auto spare = kind.second > kBufferRoom ? kSpareOfLarge : kSpare;
        auto pool = make_pool(count + spare, kind.second, kind.first);
        if (!pool) return tl::unexpected(pool.error());
        pools.emplace(kind, std::move(*pool));
    }
    for (std::size_t i = 0; i < ports.size(); ++i) {
        auto& pool = *pools.at({ports[i].facts().socket, setups[i].room});
        if (auto ok = ports[i].configure(setups[i].plan, pool); !ok) return ok;
        rx_queues.push_back(setups[i].plan.rx_queues);
    }
    return {};
}

/// Both lanes of a pair run on one lcore: it owns the queues of both ports, and an answer to a
/// rejected packet goes out by the port it came in without meeting another lcore.
Status Gate::State::assign_lanes(const std::vector<LcorePlace>& places,
                                 const std::vector<std::vector<unsigned>>& served) {
    std::set<unsigned> busy;
    for (const auto& lcores : served) busy.insert(lcores.begin(), lcores.end());
    live = std::make_unique<Live>(static_cast<unsigned>(busy.size()), options.grace_limit);
    std::vector<LcorePlace> working;
    std::map<unsigned, Forwarder*> forwarder_of;
    for (const auto index : busy) {
        working.push_back(places[index]);
        const auto reader = static_cast<unsigned>(forwarders.size());
        forwarder_of[index] = &forwarders.emplace_back(places[index].lcore, reader, *live, stopping,
                                                       *screen, options);
    }
    place_copies(working);
    for (std::size_t pair = 0; pair < served.size(); ++pair)
        for (unsigned slot = 0; slot < served[pair].size(); ++slot) {
            auto& forwarder = *forwarder_of.at(served[pair][slot]);
            const auto lcores = static_cast<unsigned>(served[pair].size());
            if (auto ok = add_lanes(pair, slot, lcores, forwarder); !ok) return ok;
        }
    tell_of_lcores(places, busy);
    tell_of_mtu();
    return {};
}

Status Gate::State::add_lanes(std::size_t pair, unsigned slot, unsigned lcores,
                              Forwarder& forwarder) {
    for (std::size_t side = 0; side < 2; ++side) {
        const auto& rx = ports[2 * pair + side];
        const auto& tx = ports[2 * pair + 1 - side];
        for (const auto [rx_queue, tx_queue] :
             queue_duties(slot, lcores, rx_queues[2 * pair + side])) {
            forwarder.lanes.push_back({rx.id(), tx.id(), rx_queue, tx_queue});
            if (auto ok = add_duties(rx, tx, rx_queue, forwarder); !ok)
                return within("port " + rx.name(), ok.error());
        }
    }
    return {};
}

/// What is done to frames before they are judged. Nothing, between NICs of one MTU.
Status Gate::State::add_duties(const Port& rx, const Port& tx, std::uint16_t rx_queue,
                               Forwarder& forwarder) {
    auto& counters = forwarder.counters;
    if (const auto limit = limit_between(rx.facts(), tx.facts()); limit != 0) {
        const auto own = rx.facts().is_kernel ? rx.facts().mtu : 0;
        limits.push_back({limit, &counters.tx_too_big, own, &counters.rx_too_big});
        if (auto ok = put_limit(rx.id(), rx_queue, limits.back()); !ok) return ok;
    }
    if (!rx.facts().is_kernel) return {};
    sums.push_back({&counters.completed});
    return put_checksums(rx.id(), rx_queue, sums.back());
}

/// Lcores read tables of their own NUMA node.
void Gate::State::place_copies(const std::vector<LcorePlace>& working) {
    auto placed = copies_for(working);
    if (placed.sockets.size() > kMostCopies) // no such board; far memory is better than none
        placed = {{placed.sockets.front()}, std::vector<unsigned>(working.size(), 0)};
    for (std::size_t i = 0; i < forwarders.size(); ++i) forwarders[i].view.copy = placed.copy_of[i];
    const bool one = placed.sockets.size() == 1;
    if (!one)
        notify("lcores sit on " + std::to_string(placed.sockets.size()) +
               " NUMA nodes; each reads tables of its own node");
    for (const auto socket : placed.sockets) {
        const int node = one ? filter::Arena::kAnyNode : socket;
        copies.push_back(
            {node, {std::make_shared<filter::Arena>(node), std::make_shared<filter::Arena>(node)}});
    }
}

void Gate::State::tell_of_lcores(const std::vector<LcorePlace>& places,
                                 const std::set<unsigned>& busy) const {
    std::string idle;
    for (unsigned i = 0; i < places.size(); ++i)
        if (!busy.contains(i)) idle += (idle.empty() ? "" : ", ") + std::to_string(places[i].lcore);
    if (places.size() < ports.size() / 2)
        notify(std::to_string(ports.size() / 2) + " pairs share " + std::to_string(places.size()) +
               " lcores");
    if (idle.empty()) return;
    std::string pairs;
    for (std::size_t i = 0; i + 1 < ports.size(); i += 2)
        pairs += (pairs.empty() ? "" : "; ") + ports[i].label() + " (" + ports[i].facts().driver +
                 ") and " + ports[i + 1].label() + " (" + ports[i + 1].facts().driver + ") use " +
                 std::to_string(most_lcores(ports[i].facts(), ports[i + 1].facts()));
    notify("no queue is left for lcore " + idle + ", which does nothing: " + pairs);
}

void Gate::State::tell_of_mtu() const {
    for (std::size_t i = 0; i + 1 < ports.size(); i += 2) {
        const auto& [inside, outside] = std::pair(ports[i].facts().mtu, ports[i + 1].facts().mtu);
        if (inside == outside || inside == 0 || outside == 0) continue;
        notify("ports " + ports[i].label() + " and " + ports[i + 1].label() + " have MTUs of " +
               std::to_string(inside) + " and " + std::to_string(outside) +
               ": what is too large for the one ahead is dropped and counted as tx_too_big");
    }
}

/// Behind the last packet: links as `on_exit` says.
void Gate::State::leave_links() {
    links->stop();
    for (const auto& port : ports)
        if (auto ok = port.set_link(options.on_exit == OnExit::bypass);
            !ok && options.on_exit == OnExit::closed)
            notify("port " + port.label() + " keeps its link: " + port.facts().driver +
                   " cannot take it down");
}

} // namespace sweepgate::gate
