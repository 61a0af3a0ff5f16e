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
struct OnUntagged { // a frame without a VLAN tag; in the bridge layer only
    Family family;
};
struct OnLoopback { // the interface the packet came in by, or goes out by
    bool incoming;
};
struct OnNeighbourDiscovery {}; // RFC 4861: ICMPv6 types 133 to 137
struct OverLimit {              // the rate of this limit is used up; otherwise one packet of it is
    std::string limit;
};
struct OnTcp {};
struct OnReset {};        // TCP with RST
struct OnUnreachable4 {}; // RFC 792 type 3
struct OnUnreachable6 {}; // RFC 4443 type 1
struct OnIcmp {           // of this family, with a type from first to last
    Family family;
    std::uint8_t first;
    std::uint8_t last;
};
// What an ICMP error quotes is whole, as controlplane/model/judge.hpp wants it. The packet is an
// error of this family.
struct OnQuote {
    Family family;
};
struct QuotedInSet { // this end of the quoted packet
    End end;
    Family family;
    std::string set;
};

// Effects.
struct Count {
    std::string counter;
};
// To the chain that `verdicts` gives for the class that `classes` gives for the address at this
// end, if there is one. Two maps, because at every commit the kernel walks each verdict map it
// can reach, and all chains behind each element: one map of 100,000 addresses to chains cost
// 60 ms of CPU at each commit, a map of the classes costs nothing to speak of.
struct JumpByClass {
    End end;
    Family family;
    std::string classes;
    std::string verdicts;
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

using Step = std::variant<OnUntagged, OnPort, InSet, OnLaterFragment4, OnLaterFragment6, OnLoopback,
                          OnNeighbourDiscovery, OverLimit, OnTcp, OnReset, OnUnreachable4,
                          OnUnreachable6, OnIcmp, OnQuote, QuotedInSet, Count, JumpByClass, Accept,
                          Drop, Return, Jump, GoTo, RejectWithReset, RejectProhibited>;
using Rule = std::vector<Step>;

struct Chain {
    std::string name;
    std::string comment;
    std::vector<Rule> rules;
};

struct Element {
    Range range;
    ClassIndex address_class = 0; // meaningless in a plain set
};

/// How the kernel keeps addresses: single ones in a hash table, which takes half the memory and
/// less than half the time to load, all others as intervals.
enum class Shape : std::uint8_t { hosts, ranges };

/// A set of addresses, or a map from them to their classes. Elements ascend and are disjoint.
struct AddressSet {
    std::string name;
    Family family = Family::ipv4;
    Shape shape = Shape::ranges;
    bool is_map = false;
    std::vector<Element> elements;
};

struct Verdict {
    ClassIndex address_class = 0;
    std::string chain;
};

/// A map from classes to chains, ascending by class.
struct VerdictMap {
    std::string name;
    std::vector<Verdict> elements;
};

/// Packets a second, and as many at once after a quiet second. Lives in the table beside the
/// counters, so that a new generation goes on with what the one before has used up.
struct RateLimit {
    std::string name;
    std::uint32_t packets_per_second = 0;
};

struct Program {
    std::string tag;                   // "7", or "7r1" for a second build of generation 7
    std::vector<std::string> counters; // sorted, unique; shared by all generations
    std::vector<RateLimit> limits;     // likewise shared
    std::vector<AddressSet> sets;
    std::vector<VerdictMap> verdicts;
    std::vector<Chain> chains; // the root, and where they exist the entrances, come last
};

} // namespace sweepgate::nftables
