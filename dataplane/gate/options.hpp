// SPDX-License-Identifier: Apache-2.0
// The command line of sweepgate-dataplane, read once into a value.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/gate/gate.hpp"
#include "dataplane/replay/replay.hpp"

namespace sweepgate::gate {

struct Options {
    GateOptions gate;
    std::string name; // of the gate in the fleet, "<host>/dpdk"
    std::filesystem::path board;
    std::string board_fault; // why the board of the last start is in force; empty: it is not
    std::filesystem::path snapshot;
    std::filesystem::path verify_key;
    std::filesystem::path state; // folder
    std::string updates;         // ZeroMQ endpoints of the agent
    std::string requests;
    /// Set: the capture is judged, and no port is opened.
    std::optional<replay::Order> replay;
    bool json = false;    // of a replay
    std::size_t top = 20; // rows of a replay's table
};

struct Parsing {
    Options options;
    bool ends = false; // --help or --version was printed, or the line is wrong
    int exit_code = 0; // 0 or 2
};

/// Prints help and faults itself, to where a shell expects them.
[[nodiscard]] Parsing parse_options(int argc, const char* const* argv);

/// What --ports says, two by two. Errors: bad_input for an odd number or an empty name.
[[nodiscard]] Result<std::vector<std::pair<std::string, std::string>>>
to_pairs(const std::vector<std::string>& ports);

/// One "name value" a line, for the log: every value in force.
[[nodiscard]] std::vector<std::string> describe(const Options& options);

} // namespace sweepgate::gate
