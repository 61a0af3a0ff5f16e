// SPDX-License-Identifier: Apache-2.0
// The ways through a box that do not come by the hooks of IP: bridges, flowtables, other switches.
// A gate that did not look would call itself current while its box's traffic passes it by.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/model/result.hpp"

struct nlmsghdr;

namespace sweepgate::nftables {

class Socket;

struct Flowtable {
    std::string family; // as nft says it: "inet", "ip", "ip6"
    std::string table;
    std::string name;
    std::vector<std::string> devices;
    bool in_hardware = false;
};

/// NFT_MSG_NEWFLOWTABLE, as a dump gives it; nothing for what is none.
[[nodiscard]] std::optional<Flowtable> parse_flowtable(const nlmsghdr& message);

/// What br_netfilter hands to the hooks of IP, in this network namespace.
struct BridgeCalls {
    bool ipv4 = false;   // net.bridge.bridge-nf-call-iptables
    bool ipv6 = false;   // net.bridge.bridge-nf-call-ip6tables
    bool tagged = false; // net.bridge.bridge-nf-filter-vlan-tagged
};

struct Paths {
    std::vector<std::string> bridges;
    BridgeCalls bridge_calls;
    std::vector<Flowtable> flowtables;
    std::vector<std::string> switches; // of Open vSwitch, which the kernel's hooks do not see
    std::vector<std::string> xdp; // interfaces with an XDP program, which may forward by itself
};

/// Looks into the network namespace of the thread that opened it; br_netfilter's settings are those
/// of the thread that reads.
class PathReader {
public:
    [[nodiscard]] static Result<PathReader> open();
    PathReader(PathReader&&) noexcept;
    PathReader& operator=(PathReader&&) = delete;
    ~PathReader();

    ///   socket  of the same namespace
    ///   errors  io, with the kernel's words
    [[nodiscard]] Result<Paths> read(Socket& socket);

private:
    struct Handles;
    explicit PathReader(std::unique_ptr<Handles> handles);
    std::unique_ptr<Handles> handles_;
};

/// Which frames of its bridges are ours to judge there. Where br_netfilter calls for both families,
/// untagged ones come by the hooks of IP and would be counted twice.
enum class BridgeDuty : std::uint8_t { none, tagged, all };
[[nodiscard]] BridgeDuty bridge_duty(const Paths& paths);

/// What passes the rules by, a sentence each.
///   bridge_fault  why the kernel takes no table for its bridges; empty when it does
[[nodiscard]] std::vector<std::string> describe_bypasses(const Paths& paths,
                                                         const std::string& bridge_fault);
/// What may pass them by; nobody can see from outside what such a program does.
[[nodiscard]] std::vector<std::string> describe_doubts(const Paths& paths);

} // namespace sweepgate::nftables
