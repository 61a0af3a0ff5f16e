// SPDX-License-Identifier: Apache-2.0
// How answers look.
//
// text: nslookup(1)'s blocks, one a name. short: NAME TYPE STATUS TTL VALUE..., a question a line.
// json: one object a question and line; these keys are stable and always there:
//   name, type      the question
//   status          NOERROR, NODATA, NXDOMAIN, FILTERED (denied, by a server that says it filters),
//                   SERVFAIL, REFUSED, TIMEOUT, MALFORMED, RCODE
//   resolver        "192.0.2.53:53", who answered last; "" when nobody was asked
//   ttl             s, the lowest along the chain; of the SOA for NODATA and NXDOMAIN
//   chain           CNAME targets in order
//   addresses       of the chain's end
//   tries, rtt_ms   packets sent, and the time of the last one
//   proto           "udp" or "tcp"
//   authenticated   the AD bit: worth as much as the path to that resolver
//   extended_error  null, or RFC 8914's {code, name, text}: name is "" for a code that it lacks,
//                   text what the server adds, mostly ""
//   subnet_scope    null, or for how many bits of the client subnet asked with the answer holds;
//                   0: for everybody
//   forged          addresses that the server says it put in the place of the truth: FILTERED only
//   hints           SVCB and HTTPS only: addresses of ipv4hint and ipv6hint
//   targets         SRV only: {name, port, priority, weight}
// An address that the guard would refuse has an object of its own: name, system, address,
// guard ("refused"), reason.
//
// Sorted output of two sweeps differs only where the answers do: addresses are in order, and what
// changes by itself (server, TTL, tries, times, transport) is "-", or null in JSON.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include "controlplane/cli/sweep/json_line.hpp"
#include "controlplane/guard/guard.hpp"
#include "resolver/answer.hpp"

namespace sweepgate::cli {

enum class SweepFormat : std::uint8_t { text, short_line, json };

/// Everything an answer brought that belongs on the right of its line.
[[nodiscard]] std::vector<std::string> values_of(const Answer& answer);

class SweepPrinter {
public:
    SweepPrinter(std::ostream& out, SweepFormat format, bool sorted)
        : out_(out), format_(format), sorted_(sorted) {}

    /// All answers for one name, in the order of its types.
    void print(std::span<const Answer> answers);
    /// What the guard would refuse; nothing where it refuses nothing.
    void print(std::span<const Judgement> refused);

private:
    void print_text(std::span<const Answer> answers);
    void print_server(const std::string& resolver);
    void print_short(const Answer& answer);
    void print_json(const Answer& answer);

    std::ostream& out_;
    SweepFormat format_;
    bool sorted_;
    std::string server_; // that headed the last block
    JsonLine json_;
};

} // namespace sweepgate::cli
