// SPDX-License-Identifier: Apache-2.0
// `sweepgate sweep NAME…`: what nslookup should have been. Many names at once, every outcome
// said, nothing silent: a name that failed always prints a line.
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "resolver/sweep.hpp"

namespace sweepgate::cli {

enum class SweepFormat : std::uint8_t {
    text,       // nslookup's blocks
    short_line, // name TYPE STATUS TTL address...
    json,       // one object a line
};

/// Filled from the command line. "@192.0.2.53" among the names is a server, as in dig.
struct SweepCommand {
    std::vector<std::string> names;
    std::string file;                 // one name a line, '#' starts a comment; "-": standard input
    std::vector<std::string> servers; // none: those of /etc/resolv.conf
    std::uint16_t port = 53;          // of servers that name none
    std::vector<RrType> types = {RrType::a, RrType::aaaa};
    SweepFormat format = SweepFormat::text;
    unsigned window = 512;
    unsigned queries_per_second = 0;                 // to each server; 0: found by itself
    std::vector<std::chrono::milliseconds> timeouts; // none: the resolver's own
};

/// Exit codes of `sweepgate sweep`.
inline constexpr int kSweepAllAnswered = 0; // NXDOMAIN and "no such record" are answers
inline constexpr int kSweepSomeFailed = 1;  // SERVFAIL, REFUSED, time-out, malformed
inline constexpr int kSweepUsage = 2;       // a bad name, server, file or bound
inline constexpr int kSweepNoServer = 3;    // no server answered anything, or none is known

/// Prints in the order of the names, to standard output; faults go to standard error.
/// Returns one of the exit codes above.
[[nodiscard]] int run_sweep(const SweepCommand& command);
/// The same on streams of the caller's.
[[nodiscard]] int run_sweep(const SweepCommand& command, std::istream& in, std::ostream& out,
                            std::ostream& err);

} // namespace sweepgate::cli
