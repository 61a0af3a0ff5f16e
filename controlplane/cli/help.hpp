// SPDX-License-Identifier: Apache-2.0
// What --help says beside the options: which group a command stands in, examples, and what a
// command without its argument should have named. One table, so that a command without examples
// is seen at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace sweepgate::cli {

struct CommandHelp {
    std::string_view command;
    std::string_view group;
    std::string_view missing; // "name an address"; the first example follows
    std::vector<std::string_view> examples;
};

/// Null for a command that is none.
[[nodiscard]] const CommandHelp* help_of(std::string_view command);

/// "name an address, e.g. sweepgate why 203.0.113.7", or "".
[[nodiscard]] std::string missing_text(const std::string& command);

/// Puts the commands of `app` in their groups and examples below their help, adds `help`.
/// `exit_status` is set when that has run.
void add_help(CLI::App& app, int& exit_status);

} // namespace sweepgate::cli
