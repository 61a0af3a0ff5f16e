// SPDX-License-Identifier: Apache-2.0
// What the guard judges, and what it says.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/model/snapshot.hpp"
#include "controlplane/policy/additions.hpp"

namespace sweepgate {

struct Candidate {
    Prefix prefix; // a host prefix when it came from DNS
    std::string system;
    std::string operator_name;      // two systems of one operator may share addresses
    std::string hostname;           // empty: a static prefix
    bool shared_name = false;       // the hostname is on the system's shared list
    bool shared_space = false;      // inside the system's shared prefixes
    std::vector<std::string> chain; // CNAME targets in order
    bool by_service_record = false; // an SRV record of the system led to the hostname
    std::size_t resolvers = 1;      // that ever answered it
    std::uint64_t sightings = 1;    // answers that held it
    Instant first_seen{};
    Instant last_seen{};
    std::uint32_t ttl = 0;      // seconds, the lowest seen
    bool authenticated = false; // a resolver said that DNSSEC validated the last answer
    bool in_force = false;      // enforced already: nobody has to vouch for it again
    Origin origin{Source::dns, {}};
    std::string answered_as = {}; // the IPv6 form behind NAT64 in which DNS64 gave the address
};

enum class Disposition : std::uint8_t { exclusive = 1, shared = 2, refused = 3 };

/// Why an address is not enforced; also the names of the counters.
enum class Refusal : std::uint8_t {
    none,
    own_network,
    never_block,
    in_use, // resolver, gateway, our own interface
    sanctioned,
    not_public,
    too_wide,
    sinkhole,
    protected_host,
    flood,         // more addresses in one answer, for one name or for one system than is sane
    foreign_chain, // the CNAME chain leaves the operator's zones
    quorum,        // too few resolvers have said so yet
    by_admin,
};

/// One sign for or against an address being shared with others.
struct Evidence {
    int points = 0; // above 0: shared; below: the system's own; 0: worth knowing
    std::string words;
};

struct Judgement {
    Prefix prefix;
    std::string system;
    std::string hostname; // empty: a static prefix of the catalog
    Disposition disposition = Disposition::refused;
    std::string reason; // for people, with the numbers
    // Covered by a static prefix and not to be hit: allowed before anything else.
    std::vector<Prefix> allow_first;
    // Own networks inside a static prefix: not listed with it. Never allowed first, because what is
    // allowed passes at both ends, and clients live there.
    std::vector<Prefix> left_out;
    Refusal refusal = Refusal::none;
    bool contested = false; // no quorum, and other resolvers deny the name
    // No quorum: since when it waits for one, and how long at least until repetition makes up for
    // it.
    Instant waits_since{};
    std::chrono::seconds waits_for{0};
    int score = 0; // the sum of the evidence
    std::vector<Evidence> evidence;
    Origin origin; // dns or hint: `hostname` and the book tell more
};

[[nodiscard]] std::string_view to_string(Disposition disposition);
/// "own-network", "never-block", ...
[[nodiscard]] std::string_view to_string(Refusal refusal);

} // namespace sweepgate
