// SPDX-License-Identifier: Apache-2.0
// `sweepgate __complete WORD...`: what the last word, as far as it is typed, may become; a line
// each. The shells' own files (images/completion) only ask. ":files" stands for names of files.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "controlplane/cli/connection.hpp"

namespace CLI {
class App;
}

namespace sweepgate::cli {

inline constexpr const char* kFiles = ":files";

/// What an answer of the controller to `verb` lists. Null when nobody answers.
using Lookup = std::function<nlohmann::json(const std::string& verb)>;

/// `words` behind the program's name; the last one is being typed and may be empty.
[[nodiscard]] std::vector<std::string>
completions(const CLI::App& app, const std::vector<std::string>& words, const Lookup& lookup);

/// Asks the controller, for a second at most.
void print_completions(const CLI::App& app, const std::vector<std::string>& words,
                       Connection connection, std::ostream& out);

} // namespace sweepgate::cli
