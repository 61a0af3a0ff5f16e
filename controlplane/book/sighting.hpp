// SPDX-License-Identifier: Apache-2.0
// What goes into the address book and what comes out: plain values, free of SQLite.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/book/completeness.hpp"
#include "controlplane/model/snapshot.hpp"
#include "controlplane/model/source.hpp"

namespace sweepgate {

/// Why a name is swept.
enum class Role : std::uint8_t {
    server = 1,         // a system's own server
    shared = 2,         // a system's name whose addresses serve others too
    protected_host = 3, // must never be hit
    sanctioned = 4,     // the site's own server
    never_block = 5,    // named in the policy's never-block list
    service = 6,        // a server that an SRV record of the system points to
};

// Named apart from the resolver's Outcome: this is what the book keeps of it.
enum class NameOutcome : std::uint8_t {
    answered = 1,     // at least one address
    no_data = 2,      // the name exists, this type does not
    no_such_name = 3, // NXDOMAIN
    server_failure = 4,
    refused = 5,
    timeout = 6,
    malformed = 7,
    filtered = 8, // a resolver says that it made its answer up (RFC 8914)
    stale = 9,    // a resolver says that it could not ask and repeats itself (RFC 8767)
    bogus = 10,   // a resolver says that DNSSEC validation failed
};

/// The addresses of such names are not enforced but kept from it.
[[nodiscard]] constexpr bool is_left_alone(Role role) {
    return role == Role::protected_host || role == Role::sanctioned || role == Role::never_block;
}

[[nodiscard]] std::string_view to_string(Role role);
[[nodiscard]] std::string_view to_string(NameOutcome outcome);

/// A name with the reason it is swept. `system` is empty for roles that belong to no system.
struct BookName {
    std::string system;
    std::string hostname;
    Role role = Role::server;

    friend auto operator<=>(const BookName&, const BookName&) = default;
};

/// What one resolver said about one name and one family (A or AAAA) at one time.
struct Observation {
    BookName name;
    Family type = Family::ipv4;
    NameOutcome outcome = NameOutcome::timeout;
    std::string resolver;           // may be empty when none answered
    std::vector<std::string> chain; // CNAME targets in order, without the name itself
    std::vector<Address> addresses; // of family `type`; only with `answered`
    std::uint32_t ttl = 0;          // seconds, lowest of the RRset
    Instant time{};
    Source source = Source::dns; // dns, or hint: then it says nothing of what it leaves out
    bool authenticated = false;  // AD: worth as much as the path to that resolver
    bool fresh = true;           // false: a cache repeated what it had said before
    std::string vantage{};       // point of view that asked; empty: the site's own resolvers
    /// False: the addresses alone are told, of a stale answer, say. Nothing follows for others, nor
    /// for how the name is doing, and no resolver vouches for them once more.
    bool whole = true;
};

/// From coming to going; of the last one, so far. When an address counts as gone: book.hpp.
struct SeenSpan {
    Instant first_seen{};
    Instant last_seen{}; // not before the first

    friend bool operator==(const SeenSpan&, const SeenSpan&) = default;
};

/// One address under one name, over all sightings.
struct BookEntry {
    BookName name;
    Address address;
    std::vector<std::string> chain;     // of the last sighting
    std::vector<std::string> resolvers; // who ever answered it, sorted
    Instant first_seen{};
    Instant last_seen{};
    std::uint64_t count = 0; // sightings
    std::uint32_t ttl_lowest = 0;
    std::uint32_t ttl_last = 0;
    std::uint64_t absences = 0; // successful answers since, without it
    bool in_force = false;
    Source source = Source::dns;         // hint: no A or AAAA record ever had it
    bool authenticated = false;          // AD of the last sighting
    std::vector<std::string> vantages{}; // points of view that were ever given it, sorted
    std::vector<SeenSpan> spans{};       // oldest first; Book::history() only
    std::uint64_t spans_forgotten = 0;   // that were before these
};

/// One name and family, as the last sweeps left it.
struct NameState {
    BookName name;
    Family type = Family::ipv4;
    NameOutcome last_outcome = NameOutcome::timeout;
    std::uint64_t failures = 0; // in a row: neither answer nor denial came
    Instant last_asked{};
    Instant last_answered{};     // epoch 0: never
    Instant last_changed{};      // when an address was last new
    Instant gone_since{};        // denial confirmed; epoch 0: not gone
    std::uint64_t evicted = 0;   // addresses that the cap pushed out
    Completeness completeness{}; // of what is in force
};

/// A name that some resolvers answer and others deny, by the last word of each. One that says it
/// filters has said none.
struct Dispute {
    std::string hostname;
    Family type = Family::ipv4;
    std::vector<std::string> known_to;   // sorted; at least one
    std::vector<std::string> unknown_to; // sorted; at least one
};

} // namespace sweepgate
