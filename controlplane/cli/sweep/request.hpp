// SPDX-License-Identifier: Apache-2.0
// What a sweep asks, and whom: words, files and the catalog become names.
#pragma once

#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "controlplane/catalog/catalog.hpp"
#include "controlplane/cli/sweep/command.hpp"
#include "controlplane/policy/policy.hpp"

namespace sweepgate::cli {

struct AskedName {
    std::string name; // canonical_name()
    std::vector<RrType> types;
    std::string service_of; // the system whose SRV owner name this is; else empty
};

[[nodiscard]] std::vector<Question> questions_of(std::span<const AskedName> names);

/// What a site decided about the systems that it knows.
struct Site {
    Catalog catalog;
    Policy policy;
};

struct SweepRequest {
    std::vector<AskedName> names;     // each once, in the order given, or sorted
    std::vector<std::string> servers; // with ports
    std::optional<Site> site;         // for the guard: when a system is swept or a policy is named
};

/// errors   bad_input, naming file and line where the word stands in one: a name that cannot be
///          asked for; a system that the catalog does not have, with the nearest one; a catalog or
///          policy with a fault; nothing to ask for
///          io: a file that cannot be read
[[nodiscard]] Result<SweepRequest> read_request(const SweepCommand& command, std::istream& in);

} // namespace sweepgate::cli
