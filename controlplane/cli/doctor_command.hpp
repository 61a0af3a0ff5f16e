// SPDX-License-Identifier: Apache-2.0
// `sweepgate doctor`: what this machine has and what it lacks for each part of Sweepgate, with
// the remedy beside every fault. It changes nothing; a few questions go to the resolvers.
//
// Subjects, one finding each: cpu; hugepages (or, with a board file, the board's own preflight:
// hugepages or memory, lcores, each port); nic NAME; nftables; af_xdp; dns SERVER; clock;
// key FILE; state; disk.
//
// --json: {"worst": "warning", "findings": [{"level": "ok" | "warning" | "fault",
//          "subject": "...", "text": "...", "remedy": "..."}, ...]}
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "boards/preflight.hpp"

namespace sweepgate::cli {

/// Filled from the command line.
struct DoctorCommand {
    std::string board;                // board file; none: no port is judged
    std::vector<std::string> ports;   // PCI addresses or interfaces, in pairs, in the board's stead
    std::vector<std::string> servers; // none: those of /etc/resolv.conf
    std::string probe = "example.com"; // the name they are asked for
    std::string keys = "/etc/sweepgate/keys";
    std::string state = "/var/lib/sweepgate";
    bool json = false;
    boards::SysPaths paths; // where sys/ and proc/ are
};

/// Exit codes of `sweepgate doctor`.
inline constexpr int kDoctorWell = 0;
inline constexpr int kDoctorWarnings =
    1; // works, but something is missing or slower than it could be
inline constexpr int kDoctorUsage =
    2; // the board file or the ports do not make sense; stderr says why
inline constexpr int kDoctorFaults = 3; // something needed is missing

/// Prints to standard output, or to `out`, and returns one of the exit codes above.
[[nodiscard]] int run_doctor(const DoctorCommand& command);
[[nodiscard]] int run_doctor(const DoctorCommand& command, std::ostream& out, std::ostream& err);

} // namespace sweepgate::cli
