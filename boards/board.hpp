// SPDX-License-Identifier: Apache-2.0
// A board: which ports the DPDK gate drives in pairs, on which lcores and with how much memory.
// One TOML file a board, read strictly; every fault names file, line and value.
//
//     id = "apu2"                       # [a-z0-9-]{1,32}
//     name = "PC Engines APU2"
//     on_failure = "fail_closed"        # or "bypass"
//     on_exit = "closed"                # or "bypass"; left out: what on_failure says
//     link_carry = true                 # a link lost takes the pair's other one down
//     mtu = 9000                        # of every data port, 1280..16000; left out: as they are
//     malformed = "drop"                # or "pass": packets with a broken IP header
//     rejects_per_second = 1000         # most answers to rejected packets, each lcore; 0: none
//     client_prefix = "32,128"          # bits kept of a client's IPv4, IPv6 address; 0 keeps none
//     management = ["eth0"]             # never a data port
//     [match]                           # substrings of DMI vendor, product or board name
//     dmi = ["PC Engines"]
//     [cpu]
//     main_lcore = 0                    # control work
//     lcores = [1, 2, 3]                # forwarding, one thread each
//     [memory]
//     hugepages = 128
//     hugepage_kb = 2048                # 2048 or 1048576
//     memory_mb = 256                   # 0: what the hugepages give
//     no_huge = false
//     [[nic]]                           # what this board's controllers need, by PCI id
//     ids = ["8086:1533"]
//     pmd = "net_e1000_igb"
//     bind = ["vfio-pci", "uio_pci_generic"]
//     [[pair]]                          # what enters one port leaves by the other
//     inside  = { name = "lan0", device = "0000:02:00.0", pmd = "net_igc", bind = "vfio-pci" }
//     outside = { name = "wan0", device = "0000:01:00.0", pmd = "net_igc", bind = "vfio-pci" }
//
// A profile of a product line has no [[pair]]: which socket is the WAN side is the site's choice.
// The site copies it and adds the pair, or names the ports when it starts the gate (with_ports()).
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controlplane/model/client_prefix.hpp"
#include "controlplane/model/result.hpp"

namespace sweepgate::boards {

struct Port {
    std::string name;      // what people and counters call it: [a-z0-9_.-]{1,32}
    std::string device;    // PCI address "0000:01:00.0", kernel interface name, or, for net_null
                           // and net_pcap, any word that is unique on the board
    std::string pmd;       // DPDK driver: "net_igc", "net_af_xdp", ... (pmds.hpp has the list)
    std::string bind;      // kernel driver under it: "vfio-pci", "uio_pci_generic" or "none"
    std::string arguments; // more devargs, "key=value,key=value"; may be empty

    friend bool operator==(const Port&, const Port&) = default;
};

using PortPair = std::pair<Port, Port>; // inside, outside

/// What a controller of this board needs, by PCI id "vvvv:dddd".
struct Nic {
    std::vector<std::string> ids;
    std::string pmd;
    std::vector<std::string> binds; // in order of preference

    friend bool operator==(const Nic&, const Nic&) = default;
};

/// What becomes of a pair's traffic when its gate dies.
enum class OnFailure : std::uint8_t { fail_closed, bypass };

[[nodiscard]] std::string_view to_string(OnFailure on_failure);

struct Board {
    std::string id;
    std::string name;
    std::vector<std::string> dmi; // any of these within a DMI name means this board
    std::vector<PortPair> pairs;  // may be empty in a profile; a gate needs at least one
    std::vector<Nic> nics;
    std::vector<std::string> management; // kernel interfaces that are never a data port
    std::vector<unsigned> lcores;        // forwarding; sorted, without main_lcore, never empty
    unsigned main_lcore = 0;
    unsigned hugepages = 0; // pages to have free before the gate starts
    unsigned hugepage_kb = 2048;
    bool no_huge = false;   // memory_mb of ordinary pages instead
    unsigned memory_mb = 0; // EAL -m; 0 leaves it to the hugepages. With no_huge at least 64
    OnFailure on_failure = OnFailure::fail_closed;
    bool closes_on_exit = true; // links go down with a gate that stops in order; else they stay up
    bool link_carry = true;
    unsigned mtu = 0; // 0: as the ports are
    bool passes_malformed = false;
    unsigned rejects_per_second = 1000;
    ClientPrefix client_prefix; // of whom was hit

    friend bool operator==(const Board&, const Board&) = default;
};

/// Errors: io when the file cannot be read; bad_input naming file, line and value: unknown key,
/// lcore out of range, named twice or shared with main_lcore, a device or name used by two ports,
/// unknown PMD or bind driver or one that does not fit the device, a management interface as a
/// data port, hugepages = 0 without no_huge.
[[nodiscard]] Result<Board> load_board(const std::filesystem::path& path);
/// The same for text; `name` stands for the file in errors.
[[nodiscard]] Result<Board> parse_board(std::string_view text, std::string_view name);

/// The arguments of rte_eal_init() behind the program's name: lcores, memory, -a for each PCI
/// port and no other. Always --in-memory: a gate leaves no file behind and never meets another
/// process's. Without PCI ports also --no-pci. Virtual devices are the gate's to create, when it
/// knows what their interfaces need.
[[nodiscard]] std::vector<std::string> eal_arguments(const Board& board);

/// (inside, outside) of every pair as GateOptions::pairs takes them: "0000:01:00.0" for PCI,
/// "net_af_xdp0,iface=lan0" for the first af_xdp port of the board, and so on.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> port_devices(const Board& board);

} // namespace sweepgate::boards
