// SPDX-License-Identifier: Apache-2.0
// What a sweep learns about one name and one record type. The outcomes stay apart all the way
// to the report, because they mean different things for the addresses already known:
// NXDOMAIN and NODATA are answers; SERVFAIL, BOGUS, REFUSED, TIMEOUT and MALFORMED say nothing
// about the name. Neither do FILTERED, what the server says it made up, and STALE, a denial from
// a time when it could still ask.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/model/address.hpp"
#include "controlplane/model/result.hpp"

namespace sweepgate {

/// IANA "DNS Parameters", resource record types.
enum class RrType : std::uint16_t {
    a = 1,
    cname = 5,
    soa = 6,
    ptr = 12,
    aaaa = 28,
    srv = 33,
    opt = 41,
    svcb = 64,
    https = 65
};

/// "A", "AAAA", "SRV", "HTTPS", ...
[[nodiscard]] std::string_view to_string(RrType type);
/// The types that can be swept, in any case: A, AAAA, CNAME, SRV, SVCB, HTTPS.
/// Others are bad_input.
[[nodiscard]] Result<RrType> parse_rr_type(std::string_view text);

struct Question {
    std::string name; // canonical_name()
    RrType type = RrType::a;
    /// Its place among SweepOptions::servers: only that one is asked. Without: whoever is next.
    std::optional<std::uint8_t> server = {};
    /// Was silent or failed the last time: asked after all others, so that they need not wait.
    bool last = false;

    friend auto operator<=>(const Question&, const Question&) = default;
};

enum class Outcome : std::uint8_t {
    answered,    // at least one record of the type asked for
    nodata,      // the name exists, the type does not (RFC 2308 section 2.2)
    nxdomain,    // the name, or the end of its CNAME chain, does not exist
    filtered,    // forged or denied by a server that says it does so: is_filtered()
    stale,       // denied, by a server that says it only repeats itself: is_stale()
    servfail,    // the upstream tried and failed
    bogus,       // the same, because DNSSEC validation failed: is_bogus()
    refused,     // the upstream will not, or only points elsewhere (a referral)
    timeout,     // no upstream answered: silence, or a port that is shut
    malformed,   // something came that cannot be trusted: loops, cut records, a foreign question
    other_rcode, // FORMERR, NOTIMP, BADVERS, ...
};

/// "NOERROR", "NODATA", "NXDOMAIN", "FILTERED", "STALE", "SERVFAIL", "BOGUS", "REFUSED", "TIMEOUT",
/// "MALFORMED", "RCODE".
[[nodiscard]] std::string_view to_string(Outcome outcome);

/// Says something about the name itself: answered, nodata, nxdomain.
[[nodiscard]] constexpr bool is_conclusive(Outcome outcome) {
    return outcome == Outcome::answered || outcome == Outcome::nodata ||
           outcome == Outcome::nxdomain;
}

/// RFC 2782. A target of "." (service not offered) is left out by the reader.
struct SrvTarget {
    std::string name; // presentation form, lower case
    std::uint16_t port = 0;
    std::uint16_t priority = 0;
    std::uint16_t weight = 0;

    friend auto operator<=>(const SrvTarget&, const SrvTarget&) = default;
};

/// RFC 8914: why an answer is what it is, in the server's words.
struct ExtendedError {
    std::uint16_t code = 0; // INFO-CODE
    std::string text;       // EXTRA-TEXT, at most kMostErrorText octets, whatever they are
};
inline constexpr std::size_t kMostErrorText = 256;

/// The IANA registry's "Blocked", "DNSSEC Bogus"; empty for a code beyond RFC 8914.
[[nodiscard]] std::string_view extended_error_name(std::uint16_t code);

struct Answer {
    Question question;
    std::size_t number = 0; // the question's place among those of the sweep
    Outcome outcome = Outcome::timeout;
    std::string resolver;               // "192.0.2.53:53", "[2001:db8::53]:53": who answered last
    std::optional<std::uint8_t> server; // the same one's place among SweepOptions::servers
    std::vector<std::string> chain;     // CNAME targets in order; presentation form, lower case
    std::vector<Address> addresses;     // of the chain's end, in the order of the message
    std::vector<SrvTarget> targets;     // SRV; of PTR only the names
    std::vector<Address> hints;         // SVCB, HTTPS: ipv4hint, ipv6hint (RFC 9460 section 7.3)
    std::vector<Address> forged;        // FILTERED only: what stands in the place of the truth
    std::uint32_t ttl = 0;            // s, lowest along the chain; of the SOA for negative answers
    std::chrono::microseconds rtt{0}; // of the last try
    unsigned tries = 0;               // packets sent; 0: every upstream was known to be dead
    bool over_tcp = false;
    bool authenticated = false; // AD: worth as much as the path to that resolver
    bool authoritative = false; // AA
    /// EDNS Client Subnet, where the server was asked with one and took it: for how much of the
    /// subnet the answer holds. 0: for everybody (RFC 7871 section 7.2.1).
    std::optional<std::uint8_t> subnet_scope;
    /// Of several, one that is_filtered() goes first, then one that is_stale().
    std::optional<ExtendedError> extended_error;
};

/// The server itself says that it forged, blocked, censored, filtered or prohibited what it knows:
/// RFC 8914 sections 4.5 and 4.16 to 4.19.
[[nodiscard]] constexpr bool is_filtered(std::uint16_t extended_error) {
    return extended_error == 4 || (extended_error >= 15 && extended_error <= 18);
}
/// The server could not ask, and repeats what it heard before its time ran out: RFC 8914 sections
/// 4.4 and 4.20, RFC 8767. Addresses in such an answer are what its clients go to now, but nothing
/// follows from those that it lacks.
[[nodiscard]] constexpr bool is_stale(std::uint16_t extended_error) {
    return extended_error == 3 || extended_error == 19;
}
[[nodiscard]] inline bool is_stale(const Answer& answer) {
    return answer.outcome == Outcome::stale ||
           (answer.outcome == Outcome::answered && answer.extended_error &&
            is_stale(answer.extended_error->code));
}
/// DNSSEC validation failed: RFC 8914 sections 4.6 to 4.13.
[[nodiscard]] constexpr bool is_bogus(std::uint16_t extended_error) {
    return extended_error >= 5 && extended_error <= 12;
}

/// Makes it malformed: nothing read from a message that cannot be trusted may reach anybody.
void distrust(Answer& answer);
/// Makes it filtered: none of its content may be taken for the name's own.
void set_forged_apart(Answer& answer);

} // namespace sweepgate
