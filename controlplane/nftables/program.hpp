// SPDX-License-Identifier: Apache-2.0
// One generation as the kernel will hold it, in values: chains of rules, sets and maps of
// addresses, and the counters they name. Knows nothing of netlink; encode.hpp puts it on the wire
// and render.hpp prints it as nft would.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "controlplane/model/snapshot.hpp"

namespace sweepgate::nftables {

enum class End : std::uint8_t { source, destination };

// Conditions: the rest of the rule runs only if they hold.
struct OnPort { // the transport header's port at this end
    End end;
    PortRange range;
};
struct InSet {
    End end;
    Family family;
    std::string set;
};
// The kernel's fast path reads "ports" from the payload of a later fragment (seen on 6.18), so
// these say it first.
struct OnLaterFragment4 {};
struct OnLaterFragment6 {};
struct OnLoopback { // the interface the packet came in by, or goes out by
    bool incoming;
};
struct OnNeighbourDiscovery {}; // RFC 4861: ICMPv6 types 133 to 137
struct OnTcp {};
struct OnReset {};        // TCP with RST
struct OnUnreachable4 {}; // RFC 792 type 3
struct OnUnreachable6 {}; // RFC 4443 type 1

// Effects.
struct Count {
    std::string counter;
};
struct JumpByMap { // to the chain that the map gives for the address at this end, if any
    End end;
    Family family;
    std::string map;
};
struct Accept {};
struct Drop {};
struct Return {};
struct Jump {
    std::string chain;
};
struct GoTo { // like Jump, but the end of `chain` is the end of this chain too
    std::string chain;
};
struct RejectWithReset {};
struct RejectProhibited {}; // ICMP or ICMPv6 "administratively prohibited"

using Step =
    std::variant<OnPort, InSet, OnLaterFragment4, OnLaterFragment6, OnLoopback,
                 OnNeighbourDiscovery, OnTcp, OnReset, OnUnreachable4, OnUnreachable6, Count,
                 JumpByMap, Accept, Drop, Return, Jump, GoTo, RejectWithReset, RejectProhibited>;
using Rule = std::vector<Step>;

struct Chain {
    std::string name;
    std::string comment;
    std::vector<Rule> rules;
};

struct Element {
    Range range;
    std::uint32_t target = 0; // index into AddressSet::targets; meaningless in a plain set
};

/// A set, or a verdict map when it has targets. Elements ascend and are disjoint.
struct AddressSet {
    std::string name;
    Family family = Family::ipv4;
    std::vector<std::string> targets; // chains
    std::vector<Element> elements;

    [[nodiscard]] bool is_map() const { return !targets.empty(); }
};

struct Program {
    std::string tag;                   // "7", or "7r1" for a second build of generation 7
    std::vector<std::string> counters; // sorted, unique; shared by all generations
    std::vector<AddressSet> sets;
    std::vector<Chain> chains; // the root, and where they exist the entrances, come last
};

} // namespace sweepgate::nftables
