// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/port.hpp"

#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "dataplane/gate/kernel_port.hpp"

namespace sweepgate::gate {

namespace {

constexpr unsigned kPoolCache = 256;

constexpr std::uint64_t kAddresses = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_FRAG_IPV4 |
                                     RTE_ETH_RSS_FRAG_IPV6 | RTE_ETH_RSS_NONFRAG_IPV4_OTHER |
                                     RTE_ETH_RSS_NONFRAG_IPV6_OTHER;
constexpr std::uint64_t kTcp = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV6_TCP;
constexpr std::uint64_t kUdp = RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_NONFRAG_IPV6_UDP;

/// What the queue of a packet is chosen by. A flow stays on one: later fragments carry no ports,
/// so where the NIC can (RSS_IPV4 means every IPv4 packet), UDP is spread by addresses alone.
/// TCP does not fragment. Other NICs (i40e) hash UDP with its ports or not at all.
std::uint64_t spread_by(std::uint64_t offered) {
    const bool addresses_alone = (offered & RTE_ETH_RSS_IPV4) != 0;
    return offered & (kAddresses | kTcp | (addresses_alone ? 0 : kUdp));
}

/// Devices without addresses (captures) may not know what is asked.
bool is_refusal(int error) { return error != 0 && error != -ENOTSUP; }

Result<std::uint16_t> find_or_create(const Device& device) {
    std::uint16_t id = 0;
    if (rte_eth_dev_get_port_by_name(device.name.c_str(), &id) == 0) return id;
    if (device.is_pci)
        return fail(Errc::not_found, "no such device bound to a DPDK driver; "
                                     "'dpdk-devbind.py --status-dev net' shows what there is");
    const auto devargs = device.devargs();
    const int error = rte_dev_probe(devargs.c_str());
    if (error == 0 && rte_eth_dev_get_port_by_name(device.name.c_str(), &id) == 0) return id;
    return fail(Errc::not_found,
                "DPDK cannot open '" + devargs + "'" +
                    (error < 0 ? ": " + std::string(rte_strerror(-error)) : std::string()));
}

} // namespace

Result<Pool> make_pool(unsigned buffers, unsigned room, Socket socket) {
    const auto name = "sweepgate-" + std::to_string(socket) + "-" + std::to_string(room);
    Pool pool(rte_pktmbuf_pool_create(name.c_str(), buffers, kPoolCache, 0,
                                      static_cast<std::uint16_t>(room + RTE_PKTMBUF_HEADROOM),
                                      socket));
    if (pool) return pool;
    return fail(Errc::unavailable, "no memory for " + std::to_string(buffers) +
                                       " packet buffers of " + std::to_string(room) + " bytes (" +
                                       rte_strerror(rte_errno) + "); raise --memory");
}

Status Port::refuse(const std::string& step, int error) const {
    return fail(Errc::unavailable, "port " + name_ + ": " + step + ": " + rte_strerror(-error));
}

Result<Port> Port::open(const Device& device, unsigned mtu) {
    const auto context = "port " + device.asked;
    auto fitted = fit_to_interface(device, mtu);
    if (!fitted && fitted.error().code == Errc::io)
        return fail(Errc::not_found, context + ": " + fitted.error().what);
    if (!fitted) return within(context, fitted.error());
    const auto id = find_or_create(fitted->device);
    if (!id) return within(context, id.error());
    Port port(*id, fitted->device, mtu);
    if (fitted->lease) port.lease_.emplace(std::move(*fitted->lease));
    if (auto ok = port.learn(fitted->device); !ok) return tl::unexpected(ok.error());
    return port;
}

Port::Port(std::uint16_t id, const Device& device, unsigned mtu)
    : id_(id), name_(device.asked), label_(device.label()), asked_mtu_(mtu) {
    if (const auto interface = device.interface(); !interface.empty())
        interface_.emplace(interface);
}

Status Port::learn(const Device& device) {
    rte_eth_dev_info info{};
    if (const int error = rte_eth_dev_info_get(id_, &info); error != 0)
        return refuse("asking what it can", error);
    facts_.driver = info.driver_name;
    facts_.socket = rte_eth_dev_socket_id(id_);
    facts_.most_rx = info.max_rx_queues;
    facts_.most_tx = info.max_tx_queues;
    facts_.spread_by = spread_by(info.flow_type_rss_offloads);
    facts_.wants_power_of_2 = facts_.driver == "net_vmxnet3";
    facts_.polls_all = interface_.has_value() || facts_.driver == "net_pcap";
    facts_.is_nic = device.is_pci;
    facts_.is_kernel = interface_.has_value();
    facts_.scatters = (info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER) != 0;
    facts_.multi_segs = (info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0;
    if (device.is_af_packet())
        facts_.ring_frame = std::max(
            static_cast<unsigned>(std::strtoul(device.argument("framesz").c_str(), nullptr, 10)),
            kBufferRoom);
    facts_.mtu = asked_mtu_ != 0 ? asked_mtu_ : device.is_pci ? unsigned{RTE_ETHER_MTU} : 0;
    if (interface_) facts_.mtu = interface_->mtu().value_or(0);
    const auto most = info.max_mtu != UINT16_MAX // which stands for "does not say"
                          ? unsigned{info.max_mtu}
                          : info.max_rx_pktlen - RTE_ETHER_HDR_LEN - RTE_ETHER_CRC_LEN;
    const auto in_force = std::max(asked_mtu_, facts_.mtu);
    if (in_force > most && facts_.ring_frame == 0)
        return fail(Errc::bad_input,
                    "port " + name_ + ": an MTU of " + std::to_string(in_force) + " is more than " +
                        facts_.driver + " takes, " + std::to_string(most) +
                        (interface_ ? "; set a lower one or use af_packet:" + interface_->name()
                                    : std::string()));
    return {};
}

/// A queue may refuse what the port's limits allow, so they are asked first.
Status Port::set_up_queues(const PortPlan& plan, rte_mempool& pool) const {
    auto rx = static_cast<std::uint16_t>(plan.descriptors);
    auto tx = rx;
    if (const int error = rte_eth_dev_adjust_nb_rx_tx_desc(id_, &rx, &tx); error != 0)
        return refuse("descriptors", error);
    const auto node = static_cast<unsigned>(facts_.socket < 0 ? 0 : facts_.socket);
    for (std::uint16_t queue = 0; queue < plan.rx_queues; ++queue)
        if (const int error = rte_eth_rx_queue_setup(id_, queue, rx, node, nullptr, &pool);
            error != 0)
            return refuse("receive queue " + std::to_string(queue), error);
    for (std::uint16_t queue = 0; queue < plan.tx_queues; ++queue)
        if (const int error = rte_eth_tx_queue_setup(id_, queue, tx, node, nullptr); error != 0)
            return refuse("transmit queue " + std::to_string(queue), error);
    return {};
}

Status Port::configure(const PortPlan& plan, rte_mempool& pool) {
    rte_eth_conf conf{}; // frames leave as they came, tags and checksums too
    // A kernel interface has its MTU already, of which its driver would take 1500 and no more.
    if (!interface_) conf.rxmode.mtu = asked_mtu_;
    if (plan.scatter) conf.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_SCATTER;
    if (plan.multi_segs) conf.txmode.offloads |= RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
    if (plan.rx_queues > 1 && facts_.spread_by != 0) {
        conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
        conf.rx_adv_conf.rss_conf.rss_hf = facts_.spread_by;
    }
    if (const int error = rte_eth_dev_configure(id_, static_cast<std::uint16_t>(plan.rx_queues),
                                                static_cast<std::uint16_t>(plan.tx_queues), &conf);
        error != 0)
        return refuse("configure", error);
    if (auto ok = set_up_queues(plan, pool); !ok) return ok;
    return keep_tags();
}

/// A frame without its tag is another VLAN's: rather none than that.
Status Port::keep_tags() {
    if (!lease_ || !lease_->tags_come_apart()) return {};
    auto keeper = TagKeeper::attach(*interface_);
    if (!keeper)
        return fail(Errc::unavailable, "port " + name_ +
                                           ": VLAN tags would be lost: " + keeper.error().what +
                                           "; use af_packet:" + interface_->name());
    tags_.emplace(std::move(*keeper));
    return {};
}

std::vector<std::string> Port::notices() const {
    return lease_ ? lease_->notices() : std::vector<std::string>();
}

std::vector<std::string> Port::look() {
    return lease_ ? lease_->look() : std::vector<std::string>();
}

std::string Port::fault() const { return lease_ ? lease_->fault() : std::string(); }

/// A wire carries every frame, whatever its address and its VLAN.
Status Port::listen_to_all() const {
    if (const int error = rte_eth_promiscuous_enable(id_); is_refusal(error))
        return refuse("promiscuous mode", error);
    rte_eth_allmulticast_enable(id_); // for those to whom promiscuous does not mean it
    // Asked for none; a driver may still have put some on.
    if (rte_eth_dev_get_vlan_offload(id_) > 0)
        if (const int error = rte_eth_dev_set_vlan_offload(id_, 0); is_refusal(error))
            return refuse("VLAN filter off", error);
    return {};
}

Status Port::start() const {
    if (const int error = rte_eth_dev_start(id_); error != 0) return refuse("start", error);
    if (auto ok = listen_to_all(); !ok) return ok;
    // A gate that stopped may have left the link down (GateOptions::on_exit).
    if (interface_) return interface_->set_up(true);
    rte_eth_dev_set_link_up(id_);
    return {};
}

bool Port::has_link() const {
    if (interface_) return interface_->has_link().value_or(false);
    rte_eth_link link{};
    return rte_eth_link_get_nowait(id_, &link) == 0 && link.link_status == RTE_ETH_LINK_UP;
}

unsigned Port::mbps() const {
    if (interface_) return interface_->mbps();
    rte_eth_link link{};
    const bool known = rte_eth_link_get_nowait(id_, &link) == 0 &&
                       link.link_speed != static_cast<std::uint32_t>(RTE_ETH_SPEED_NUM_UNKNOWN);
    return known ? link.link_speed : 0;
}

Status Port::set_link(bool up) const {
    if (interface_) return interface_->set_up(up);
    const int error = up ? rte_eth_dev_set_link_up(id_) : rte_eth_dev_set_link_down(id_);
    return error == 0 ? Status{} : refuse(up ? "link up" : "link down", error);
}

Port::Port(Port&& other) noexcept
    : id_(other.id_), name_(std::move(other.name_)), label_(std::move(other.label_)),
      asked_mtu_(other.asked_mtu_), facts_(std::move(other.facts_)),
      interface_(std::move(other.interface_)), lease_(std::move(other.lease_)),
      tags_(std::move(other.tags_)), open_(other.open_) {
    other.open_ = false;
}

Port::~Port() {
    if (!open_) return;
    // A kernel interface would stay promiscuous for good: net_af_xdp sets its flag, closing does
    // not clear it.
    if (rte_eth_promiscuous_get(id_) == 1) rte_eth_promiscuous_disable(id_);
    if (rte_eth_allmulticast_get(id_) == 1) rte_eth_allmulticast_disable(id_);
    tags_.reset();
    rte_eth_dev_stop(id_);
    rte_eth_dev_close(id_);
    lease_.reset(); // features and MTU
}

} // namespace sweepgate::gate
