// SPDX-License-Identifier: Apache-2.0
// `sweepgate sweep`: what nslookup should have been. One name, a messenger or all of them at once,
// every outcome said, nothing silent: a name that failed always prints a line.
//
//   request --> Sweeper --> report (order, counts) --> printer (text, short, JSON)
//                      \--> judge: what the guard would refuse of it
//                      \--> watch: the same names again and again
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "controlplane/cli/sweep/printer.hpp"
#include "resolver/answer.hpp"

namespace sweepgate::cli {

inline constexpr const char* kInstalledCatalog = "/usr/share/sweepgate/catalog";

/// Where the catalog is when nobody says so: as installed, or that of the clone that `program` was
/// built in (build/bin/sweepgate), and what the site adds.
[[nodiscard]] std::vector<std::filesystem::path>
default_catalog(const std::filesystem::path& installed, const std::filesystem::path& program);

/// Filled from the command line.
struct SweepCommand {
    /// Hostnames; ids of the catalog's systems, without a dot; "all": every system; "@192.0.2.53"
    /// or "@dns.example" names a server, as in dig. A name of one label ends in a dot.
    std::vector<std::string> words;
    std::string file;                 // one such word a line, '#' starts a comment; "-": stdin
    std::vector<std::string> servers; // none: those of /etc/resolv.conf
    std::uint16_t port = 53;          // of servers that name none
    std::vector<RrType> types;        // none: A and AAAA, and SRV for a system's service names
    SweepFormat format = SweepFormat::text;
    bool sorted = false; // see SweepPrinter
    bool strict = false; // NXDOMAIN and NODATA count as failed

    std::vector<std::filesystem::path> catalog = {kInstalledCatalog, "/etc/sweepgate/catalog.d"};
    std::string policy; // of the site; none: `site_policy` when it exists and a system is swept
    std::filesystem::path site_policy = "/etc/sweepgate/policy.toml";
    bool guard = true; // judge what a system's names answered

    bool watch = false;
    std::chrono::seconds longest_wait{
        60}; // of a watch: a name is asked again after its TTL or this

    unsigned window = 0;                             // questions in flight; 0: found by itself
    unsigned queries_per_second = 0;                 // to each server at most; 0: found by itself
    std::vector<std::chrono::milliseconds> timeouts; // none: the resolver's own
};

/// Exit codes of `sweepgate sweep`. Where several fit, the highest.
inline constexpr int kSweepAllAnswered = 0; // NXDOMAIN and "no such record" are answers
inline constexpr int kSweepSomeFailed = 1;  // anything else; stopped
inline constexpr int kSweepUsage = 2;       // a bad name, system, server, file or bound
inline constexpr int kSweepNoServer = 3;    // no server answered anything, or none is known
inline constexpr int kSweepGuard = 4;       // the guard would refuse an address that was answered

/// What the streams are; a bar and a live view are for terminals only.
struct Terminals {
    bool out = false;
    bool err = false;
};

/// Prints in the order of the names, to standard output; a slow one holds up 2,048 others at most,
/// all of them with `sorted`. Faults, the bar and the summary go to
/// standard error. Ctrl-C ends it: what was answered is printed, the summary says how far it came.
/// Returns one of the exit codes above.
[[nodiscard]] int run_sweep(const SweepCommand& command);
/// The same on streams of the caller's.
[[nodiscard]] int run_sweep(const SweepCommand& command, std::istream& in, std::ostream& out,
                            std::ostream& err, Terminals terminals = {});

} // namespace sweepgate::cli
