// SPDX-License-Identifier: Apache-2.0
// A network interface of the kernel under an af_packet or af_xdp port. Those drivers know neither
// its link nor, beyond 1500 bytes, its MTU (DPDK 22.11), so the kernel itself is asked.
#pragma once

#include <string>
#include <utility>

#include "controlplane/model/result.hpp"

namespace sweepgate::gate {

/// In the network namespace of the thread that calls. Errors: io, with the kernel's words.
class KernelInterface {
public:
    explicit KernelInterface(std::string name) : name_(std::move(name)) {}

    /// IFF_UP is set (netdevice(7)) and the carrier is there.
    [[nodiscard]] Result<bool> has_link() const;
    [[nodiscard]] unsigned mbps() const; // 0: unknown
    /// IFF_UP. Without it the peer of the wire sees no carrier, on NICs that turn their
    /// transmitter off with the interface (nearly all) and on veth.
    [[nodiscard]] Status set_up(bool up) const;
    [[nodiscard]] Result<unsigned> mtu() const; // bytes behind the Ethernet header
    [[nodiscard]] Status set_mtu(unsigned mtu) const;
    /// Queue pairs that the NIC spreads its packets over; 1 when it cannot say.
    [[nodiscard]] unsigned channels() const;

    /// As `ethtool -i` names it ("veth", "igc"); empty when it cannot say.
    [[nodiscard]] std::string driver() const;
    [[nodiscard]] unsigned index() const; // 0: gone
    /// SIOCETHTOOL with a struct of linux/ethtool.h. `what` stands in the error.
    [[nodiscard]] Status ethtool(void* command, const char* what) const;

    [[nodiscard]] const std::string& name() const { return name_; }

private:
    [[nodiscard]] Status control(unsigned long request, void* argument, const char* what) const;

    std::string name_;
};

} // namespace sweepgate::gate
