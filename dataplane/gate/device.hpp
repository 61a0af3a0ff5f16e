// SPDX-License-Identifier: Apache-2.0
// Port names as people write them, turned into what DPDK calls them.
#pragma once

#include <string>
#include <string_view>

#include "controlplane/model/result.hpp"

namespace sweepgate::gate {

struct Device {
    std::string name;      // as DPDK will know the port: "0000:01:00.0", "net_af_xdp0"
    std::string arguments; // behind the name for a virtual device: "iface=eth1"; may be empty
    std::string asked;     // what the operator wrote, for messages
    bool is_pci = false;

    [[nodiscard]] std::string devargs() const {
        return arguments.empty() ? name : name + "," + arguments;
    }
    /// What `key=` is followed by in the arguments; empty when it is not there.
    [[nodiscard]] std::string argument(std::string_view key) const;
    /// The kernel interface under an af_packet or af_xdp port; empty for every other.
    [[nodiscard]] std::string interface() const;
    /// What the log and the counters call the port: its interface, else its name.
    [[nodiscard]] std::string label() const;
    [[nodiscard]] bool is_af_packet() const { return name.starts_with("net_af_packet"); }
    [[nodiscard]] bool is_af_xdp() const { return name.starts_with("net_af_xdp"); }
};

/// Reads one port name (gate.hpp, GateOptions::pairs).
///   number  makes the names of virtual devices distinct
///   errors  bad_input naming the text: unknown form, an interface name the kernel cannot have
[[nodiscard]] Result<Device> parse_device(std::string_view text, unsigned number);

} // namespace sweepgate::gate
