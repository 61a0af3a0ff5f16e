// SPDX-License-Identifier: Apache-2.0
// Which addresses are safe to enforce. Pure: the same candidates and context give the same
// judgements, and every judgement explains itself in words and numbers.
//
// The first that applies decides:
//   refused    own network, never-block list, resolver or gateway in use, sanctioned server, not a
//              public address (also not the IPv4 address inside an IPv6 one), wider than DNS can
//              give, sinkhole, protected host, refused by an administrator, flood, a CNAME chain
//              that leaves the operator's zones, no quorum yet
//   shared     the evidence of sharing (sharing.hpp) reaches Belief::shared_from
//   exclusive  otherwise, and always inside a static prefix of its system that is exclusive: whose
//              that space is was published, and a name that is pointed into it cannot change it
// A static prefix is refused when it is too wide, when it overlaps what is not public or lies
// inside what must not be hit. What it covers of that goes to `allow_first`, own networks to
// `left_out`, so that the rest of it can still be enforced.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "controlplane/catalog/networks.hpp"
#include "controlplane/guard/candidate.hpp"
#include "controlplane/guard/zones.hpp"
#include "controlplane/policy/policy.hpp"

namespace sweepgate {

/// A prefix that must not be hit, and what it is, in words for the reason.
struct Guarded {
    Prefix prefix;
    std::string what; // "www.chase.com (bank)", "resolver", "default gateway", "Sametime"
};

/// Names that an observer of the site's traffic saw on an address.
struct ObservedNames {
    std::vector<std::string> names; // sorted
    std::size_t more = 0;           // of which only the number is known
};

using Observations = std::unordered_map<Address, ObservedNames>;

struct ReverseName {
    std::string name; // empty: the address has none
    Instant asked{};
};
using ReverseNames = std::unordered_map<Address, ReverseName>;

struct GuardContext {
    std::vector<Guarded> protected_addresses; // of protected hosts, resolved
    std::vector<Guarded> sanctioned;          // servers and systems that the site sanctions
    std::vector<Prefix> own;                  // own networks
    std::vector<Guarded> never_block;
    std::vector<Guarded> in_use;         // resolvers, gateways, controller, NTP
    std::vector<Prefix> treat_as_public; // labs only: exempt from the list of non-public ranges
    std::vector<Guarded> sinkholes;      // answers known to be a filter's block page
    std::vector<Guarded>
        doubtful;              // the same, unless more than one resolver answers so; collapse.hpp
    std::vector<Prefix> nat64; // the site's own NAT64 prefixes (RFC 6052)
    Networks networks;
    OperatorZones zones;
    // Large, so shared and not copied.
    std::shared_ptr<const ReverseNames> reverse_names;                      // null: none
    std::shared_ptr<const Observations> observed;                           // null: none
    std::map<std::string, std::map<Address, std::string>> refused_by_admin; // by system: who, when
    // Names that one resolver alone knows while others deny them; in words. By hostname.
    std::map<std::string, std::string> contested;
    Belief belief;
    std::size_t resolvers = 1; // configured
    // One address under names of this many operators is a sinkhole.
    std::size_t sinkhole_operators = 5;
};

/// One judgement a candidate, in the same order.
[[nodiscard]] std::vector<Judgement> evaluate(std::span<const Candidate> candidates,
                                              const GuardContext& context);

} // namespace sweepgate
