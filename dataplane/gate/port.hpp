// SPDX-License-Identifier: Apache-2.0
// One DPDK port: promiscuous, VLAN tags untouched and unfiltered, with a receive and a transmit
// queue for each lcore that serves it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <rte_mempool.h>

#include "controlplane/model/result.hpp"
#include "dataplane/gate/device.hpp"
#include "dataplane/gate/gate.hpp"
#include "dataplane/gate/kernel_interface.hpp"
#include "dataplane/gate/kernel_lease.hpp"
#include "dataplane/gate/lcore_share.hpp"

namespace sweepgate::gate {

struct FreePool {
    void operator()(rte_mempool* pool) const noexcept { rte_mempool_free(pool); }
};
using Pool = std::unique_ptr<rte_mempool, FreePool>;

/// Frame bytes that one ordinary buffer has room for.
inline constexpr unsigned kBufferRoom = 2048;
/// What a port can do, asked before it is set up.
struct PortFacts {
    std::string driver;
    Socket socket = -1;
    unsigned most_rx = 1;
    unsigned most_tx = 1;
    /// Every receive queue gets packets whether or not somebody polls it: all must be polled.
    bool polls_all = false;
    bool wants_power_of_2 = false; // of receive queues (vmxnet3)
    std::uint64_t spread_by = 0;   // RTE_ETH_RSS_*, what the NIC can choose a packet's queue by
    bool is_nic = false;           // refuses frames above its MTU by itself
    bool is_kernel = false;        // frames come as a kernel hands them up: checksum.hpp
    bool scatters = false;         // receives a frame into several buffers
    bool multi_segs = false;       // sends a frame out of several
    unsigned ring_frame = 0;       // of an AF_PACKET ring, which one buffer must hold; else 0
    unsigned mtu = 0;              // 0: the driver knows none
};

/// How a port is to be set up.
struct PortPlan {
    unsigned rx_queues = 1;
    unsigned tx_queues = 1;
    unsigned descriptors = 1024; // each queue
    bool scatter = false;
    bool multi_segs = false;
};

/// `buffers` of `room` frame bytes each, on `socket`.
[[nodiscard]] Result<Pool> make_pool(unsigned buffers, unsigned room, Socket socket);

class Port {
public:
    /// Finds the device, or creates it when it is a virtual one.
    ///   mtu     0: as it is
    ///   errors  not_found, unavailable, bad_input for an MTU it cannot have; each names the port
    ///           as the operator wrote it
    [[nodiscard]] static Result<Port> open(const Device& device, unsigned mtu);
    Port(Port&& other) noexcept;
    Port& operator=(Port&&) = delete;
    ~Port(); // stops and closes; a kernel interface gets its flags and its settings back

    /// Queues and offloads. Errors: unavailable, with the driver's words.
    [[nodiscard]] Status configure(const PortPlan& plan, rte_mempool& pool);
    /// Link up, and from here on it receives. Errors: unavailable.
    [[nodiscard]] Status start() const;

    [[nodiscard]] bool has_link() const;
    [[nodiscard]] unsigned mbps() const; // of its link; 0: unknown
    /// Takes the link away from the neighbour or gives it back. A kernel interface is set up or
    /// down where its DPDK driver has no way. Errors: unavailable when nothing can.
    [[nodiscard]] Status set_link(bool up) const;

    /// What was changed on its interface, and what could not be: a sentence each.
    [[nodiscard]] std::vector<std::string> notices() const;
    /// As KernelLease::look() and fault(); nothing of other ports.
    [[nodiscard]] std::vector<std::string> look();
    [[nodiscard]] std::string fault() const;

    [[nodiscard]] const PortFacts& facts() const { return facts_; }
    [[nodiscard]] std::uint16_t id() const { return id_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& label() const { return label_; }

private:
    Port(std::uint16_t id, const Device& device, unsigned mtu);
    [[nodiscard]] Status learn(const Device& device);
    [[nodiscard]] Status refuse(const std::string& step, int error) const;
    [[nodiscard]] Status set_up_queues(const PortPlan& plan, rte_mempool& pool) const;
    [[nodiscard]] Status keep_tags();
    [[nodiscard]] Status listen_to_all() const;

    std::uint16_t id_;
    std::string name_;
    std::string label_;
    unsigned asked_mtu_;
    PortFacts facts_;
    std::optional<KernelInterface> interface_;
    std::optional<KernelLease> lease_; // of the interface
    std::optional<TagKeeper> tags_;    // goes before the driver does
    bool open_ = true;
};

} // namespace sweepgate::gate
