// SPDX-License-Identifier: Apache-2.0
// What the programs of this folder have in common on their command lines.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "dataplane/bench/traffic.hpp"

namespace sweepgate::bench {

void declare_traffic(CLI::App& app, Traffic& traffic);

/// The devices of the harness: real, distinct frames without end; a port that swallows them.
[[nodiscard]] std::string source_device(const std::filesystem::path& capture);
inline constexpr const char* kSinkDevice = "net_null0,no-rx=1";

/// Parses, runs `work`, prints what it returns on standard output. Returns the exit code: 1 with
/// the error on standard error, or CLI11's for a wrong line.
int answer(CLI::App& app, int argc, char** argv,
           const std::function<Result<nlohmann::json>()>& work);

} // namespace sweepgate::bench
