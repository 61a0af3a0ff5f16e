// SPDX-License-Identifier: Apache-2.0
// A command line, parsed in one way by every program: wrong words are named one at a time, the
// first one first, with what was probably meant; the exit code of a wrong line is 2.
//
//     sweepgate: no command 'staus'; did you mean 'status'?
//     sweepgate-dataplane: no option '--prots'; did you mean '--ports'?
//     sweepgate top: -n: 'abc' is no number
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace sweepgate::usage {

inline constexpr int kExitCode = 2;

/// What a command without its argument should have named, "name an address, e.g. ..."; may be "".
using Missing = std::function<std::string(const std::string& command)>;

/// Nothing: the line is in order. Else the exit code: 0 after --help and --version, kExitCode after
/// a fault, which is told on standard error. The App's name is the program's.
[[nodiscard]] std::optional<int> parse(CLI::App& app, int argc, const char* const* argv,
                                       const Missing& missing = {});

/// "sweepgate: what" on standard error, control characters as '?'. Lines that name a file's line
/// ("policy.toml:2:1: what") stand without the program's name, as compilers print them.
void complain(const std::string& program, const std::string& what);
/// The same as text.
[[nodiscard]] std::string complaint(const std::string& program, const std::string& what);

/// Help with arguments as ADDRESS rather than `address TEXT`. For an App and all its commands.
void style(CLI::App& app);

} // namespace sweepgate::usage
