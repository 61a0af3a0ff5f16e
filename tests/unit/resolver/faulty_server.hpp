// SPDX-License-Identifier: Apache-2.0
// A name server with faults to order, as a process of its own. It answers the names of a Zone
// with their truth. Of any other name the first label picks what it says: "drop" nothing,
// "servfail", "refused", "nx", "nodata", "foreign" (a CNAME that another name owns), "loop",
// "blocked" (NXDOMAIN, with the extended error "Blocked"); anything else has one A record:
// 198.18.0.1, or 198.18.0.N to a client subnet whose last octet is N.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <sys/types.h>

#include "tests/unit/resolver/zone.hpp"

namespace sweepgate::test {

/// What becomes of a question with OPT, and of no other.
enum class EdnsFault : std::uint8_t {
    none,
    formerr,
    formerr_with_opt,
    bare_formerr, // a header and nothing else
    notimp,
    bare_notimp,
    badvers,
    bare_badvers, // and OPT, but no question
    refused,
    refused_with_opt, // as who sends back what it got
    servfail,
    servfail_with_opt,
    other_question,
    cut,   // within the question
    empty, // no octet at all, then silence
    silence,
};

enum class AboveRate : std::uint8_t { drop, refuse, truncate };

struct Faults {
    const Zone* zone = nullptr;
    std::chrono::milliseconds delay{0}; // of every answer, as a long way would
    unsigned most_per_second = 0;       // datagrams answered properly, at most 100 ms' worth at a
    AboveRate above_rate = AboveRate::drop; // time; 0: all
    bool silent = false;                    // receives and says nothing
    bool lower_case = false;                // repeats the question in lower case
    EdnsFault edns = EdnsFault::none;
    bool strip_opt = false;      // of answers
    bool formerr_once = false;   // the same, to the first one only
    bool truncate = false;       // TC over UDP, the truth over TCP
    bool no_tcp = false;         // closes connections at once
    bool other_question = false; // repeats one that was not asked
    bool servfail = false;       // to everything
    bool spoofed_case = false;   // lower case over UDP only
    bool forged_ids = false;     // sends each answer with another id first
    bool no_subnet = false;      // leaves the client subnet out of its answer
    bool other_subnet = false;   // answers for another than the one in question
    bool unfiltered = false;     // "blocked" is a name like any other
    unsigned close_after = 0;    // TCP answers to a connection, then it closes; 0: never
};

struct FaultyServerCounts {
    unsigned udp = 0, tcp = 0, connections = 0, edns = 0, mixed_case = 0, ports = 0, above_rate = 0;
};

class FaultyServer {
public:
    /// Listens on 127.x.y.z or fe80::...%veth, port 53, UDP and TCP, when the constructor returns.
    FaultyServer(const std::string& address, Faults faults);
    ~FaultyServer();
    FaultyServer(const FaultyServer&) = delete;
    FaultyServer& operator=(const FaultyServer&) = delete;

    [[nodiscard]] FaultyServerCounts counts() const { return *counts_; }

private:
    pid_t child_ = -1;
    FaultyServerCounts* counts_; // shared with the child
};

} // namespace sweepgate::test
