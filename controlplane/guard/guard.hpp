// SPDX-License-Identifier: Apache-2.0
// Which addresses are safe to enforce. Pure: the same candidates and context give the same
// judgements, and every judgement explains itself in words.
//
// The first that applies decides:
//   refused    own network, never-block list, resolver or gateway in use, sanctioned server,
//              not a public address, sinkhole, protected host
//   shared     the name is on the system's shared list, another operator's name or a shared name
//              has the same address, or the CNAME chain ends at a content network
//   exclusive  otherwise
// A static prefix is refused when too wide or when it overlaps what is own or not public; what
// else it covers goes to `allow_first`, so that the rest of it can still be enforced.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "controlplane/book/sighting.hpp"
#include "controlplane/model/prefix.hpp"

namespace sweepgate {

struct Candidate {
    Prefix prefix; // a host prefix when it came from DNS
    std::string system;
    std::string operator_name; // two systems of one operator may share addresses
    std::string hostname;      // empty: a static prefix of the catalog
    bool shared_name = false;  // the hostname is on the system's shared list
    bool shared_space = false; // inside the system's shared prefixes
    std::vector<std::string> chain;
};

enum class Disposition : std::uint8_t { exclusive = 1, shared = 2, refused = 3 };

[[nodiscard]] std::string_view to_string(Disposition disposition);

struct Judgement {
    Prefix prefix;
    std::string system;
    std::string hostname; // empty: a static prefix of the catalog
    Disposition disposition = Disposition::refused;
    std::string reason;
    std::vector<Prefix> allow_first; // covered by a static prefix and not to be hit
};

/// A prefix that must not be hit, and what it is, in words for the reason.
struct Guarded {
    Prefix prefix;
    std::string what; // "www.chase.com (bank)", "resolver", "default gateway", "Sametime"
};

struct GuardContext {
    std::vector<Guarded> protected_addresses; // of protected hosts, resolved
    std::vector<Guarded> sanctioned;          // servers and systems that the site sanctions
    std::vector<Prefix> own;                  // own networks
    std::vector<Guarded> never_block;
    std::vector<Guarded> in_use;         // resolvers, gateways, controller, NTP
    std::vector<Prefix> treat_as_public; // labs only: exempt from the list of non-public ranges
    std::vector<Address> sinkholes;      // answers known to be a filter's block page
    // One address under names of this many operators is a sinkhole, of `shared_operators` a
    // shared front end.
    std::size_t sinkhole_operators = 5;
    std::size_t shared_operators = 2;
};

/// One judgement a candidate, in the same order.
[[nodiscard]] std::vector<Judgement> evaluate(std::span<const Candidate> candidates,
                                              const GuardContext& context);

} // namespace sweepgate
