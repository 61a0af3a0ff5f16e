// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/port.hpp"

#include <cerrno>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

namespace sweepgate::gate {

namespace {

constexpr std::uint16_t kDescriptors = 1024;
constexpr unsigned kPoolCache = 256;

Status refuse(const std::string& port, const std::string& step, int error) {
    return fail(Errc::unavailable, "port " + port + ": " + step + ": " + rte_strerror(-error));
}

/// A queue may refuse what the port's limits allow, so they are asked first.
Status set_up_queues(std::uint16_t id, const std::string& name, rte_mempool& pool) {
    std::uint16_t rx = kDescriptors;
    std::uint16_t tx = kDescriptors;
    if (const int error = rte_eth_dev_adjust_nb_rx_tx_desc(id, &rx, &tx); error != 0)
        return refuse(name, "descriptors", error);
    const int socket = rte_eth_dev_socket_id(id);
    const auto node = socket < 0 ? 0U : static_cast<unsigned>(socket);
    if (const int error = rte_eth_rx_queue_setup(id, 0, rx, node, nullptr, &pool); error != 0)
        return refuse(name, "receive queue", error);
    if (const int error = rte_eth_tx_queue_setup(id, 0, tx, node, nullptr); error != 0)
        return refuse(name, "transmit queue", error);
    return {};
}

} // namespace

Result<Pool> make_pool(std::size_t ports) {
    const auto buffers = static_cast<unsigned>(ports * 2 * kDescriptors + 8191);
    Pool pool(rte_pktmbuf_pool_create("sweepgate", buffers, kPoolCache, 0,
                                      RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY));
    if (pool) return pool;
    return fail(Errc::unavailable, "no memory for " + std::to_string(buffers) +
                                       " packet buffers (" + rte_strerror(rte_errno) +
                                       "); raise --memory");
}

Result<Port> Port::open(const Device& device, rte_mempool& pool) {
    std::uint16_t id = 0;
    if (rte_eth_dev_get_port_by_name(device.name.c_str(), &id) != 0) {
        const auto devargs = device.devargs();
        if (device.is_pci)
            return fail(Errc::not_found,
                        "port " + device.asked + ": no such device bound to a DPDK driver; " +
                            "'dpdk-devbind.py --status-dev net' shows what there is");
        const int error = rte_dev_probe(devargs.c_str());
        if (error != 0 || rte_eth_dev_get_port_by_name(device.name.c_str(), &id) != 0)
            return fail(Errc::not_found,
                        "port " + device.asked + ": DPDK cannot open '" + devargs + "'" +
                            (error < 0 ? ": " + std::string(rte_strerror(-error)) : std::string()));
    }
    Port port(id, device.asked);
    if (auto ok = port.configure(pool); !ok) return tl::unexpected(ok.error());
    return port;
}

Status Port::configure(rte_mempool& pool) const {
    const rte_eth_conf plain{}; // no offloads: frames leave as they came, tags and checksums too
    if (const int error = rte_eth_dev_configure(id_, 1, 1, &plain); error != 0)
        return refuse(name_, "configure", error);
    return set_up_queues(id_, name_, pool);
}

Status Port::start() const {
    if (const int error = rte_eth_dev_start(id_); error != 0) return refuse(name_, "start", error);
    // A wire carries every frame. Devices without addresses (captures) may not know the word.
    if (const int error = rte_eth_promiscuous_enable(id_); error != 0 && error != -ENOTSUP)
        return refuse(name_, "promiscuous mode", error);
    return {};
}

Port::Port(Port&& other) noexcept
    : id_(other.id_), name_(std::move(other.name_)), open_(other.open_) {
    other.open_ = false;
}

Port::~Port() {
    if (!open_) return;
    // A kernel interface would stay promiscuous for good: net_af_xdp sets its flag, closing does
    // not clear it.
    if (rte_eth_promiscuous_get(id_) == 1) rte_eth_promiscuous_disable(id_);
    rte_eth_dev_stop(id_);
    rte_eth_dev_close(id_);
}

} // namespace sweepgate::gate
