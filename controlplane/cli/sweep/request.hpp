// SPDX-License-Identifier: Apache-2.0
// What a sweep asks, and whom: words, files and the catalog become names.
#pragma once

#include <iosfwd>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "controlplane/catalog/catalog.hpp"
#include "controlplane/cli/sweep/command.hpp"
#include "controlplane/policy/policy.hpp"

namespace sweepgate::cli {

/// What a site decided about the systems that it knows.
struct Site {
    Catalog catalog;
    Policy policy;
};

struct SweepRequest {
    /// Each once, those for one name together; names in the order given, or sorted.
    std::vector<Question> questions;
    std::map<std::string, std::string> services; // SRV owner name -> the system whose it is
    std::vector<std::string> servers;            // with ports
    std::vector<std::string> told;               // what of /etc/resolv.conf cannot be used
    std::optional<Site> site; // for the guard: when a system is swept or a policy is named
};

/// How many names they are for, those for one name together.
[[nodiscard]] std::size_t count_names(std::span<const Question> questions);

/// errors   bad_input, naming file and line where the word stands in one: a name that cannot be
///          asked for; a system that the catalog does not have, with the nearest one; a catalog or
///          policy with a fault; nothing to ask for; a server that is none
///          unavailable: a server's name that has no address
///          io: a file that cannot be read
[[nodiscard]] Result<SweepRequest> read_request(const SweepCommand& command, std::istream& in);

} // namespace sweepgate::cli
