// SPDX-License-Identifier: Apache-2.0
// What the subcommands that ask the controller have in common. Each group of them stands in a
// file of its own beside this one and adds itself through a Registry.
#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <limits>
#include <memory>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "controlplane/cli/connection.hpp"

namespace CLI {
class App;
}

namespace sweepgate::cli {

inline constexpr std::size_t kShownLines = 20;

/// What the options of one subcommand fill in.
struct Choice {
    std::string argument;
    std::string options;                                    // a JSON object beside it, or nothing
    std::function<int(const nlohmann::json&)> exit_code_of; // of an answer; none: kOk
    bool json = false;
    bool all = false;
    std::string snapshot;      // of a plan: the file to write it to
    std::string at;            // of a plan: "mon 12:30"
    std::string by = "client"; // of top
    unsigned most = 20;
    unsigned minutes = 0;
    std::string from; // of a diff: generations, or policies
    std::string to;
    std::string verb;    // takes the place of the command's name, when set
    bool yes = false;    // of a change: meant past the bounds too
    std::string message; // of a change: why
    double wait = 5;     // of a change: seconds, for the gates

    [[nodiscard]] std::size_t lines() const {
        return all ? std::numeric_limits<std::size_t>::max() : kShownLines;
    }
};

using Render = std::function<void(std::ostream&, const nlohmann::json&, const Choice&)>;

/// Tells a failure on standard error. Returns the exit code that it deserves.
int report(const Error& error);

/// Asks, renders the answer, returns the exit code.
int run(const Connection& connection, const std::string& verb, const std::string& argument,
        const Choice& choice, const Render& render);

/// The policy at `path`; "-" is standard input, nothing is an empty text.
[[nodiscard]] Result<std::string> policy_text(const std::string& path);

class Registry {
public:
    Registry(CLI::App& app, Connection& connection, int& exit_status)
        : app_(app), connection_(connection), exit_status_(exit_status) {}

    /// A command whose argument goes to the controller as it stands.
    CLI::App* add(const std::string& verb, const std::string& text, Render render);
    /// A command whose argument is a file with a policy.
    CLI::App* add_policy(const std::string& verb, const std::string& text, bool required,
                         Render render);
    /// A command that changes what is in force, see decide.hpp. `argument` names and explains what
    /// it takes; with `file` that is a file with a policy.
    struct Argument {
        std::string name;
        std::string text;
        bool required = true;
        bool file = false;
    };
    CLI::App* add_decision(const std::string& verb, const std::string& text,
                           const Argument& argument);

    [[nodiscard]] const std::shared_ptr<Choice>& last_choice() const { return last_choice_; }
    // For a command that does more than ask and render.
    [[nodiscard]] const Connection& connection() const { return connection_; }
    [[nodiscard]] int& exit_status() const { return exit_status_; }

private:
    CLI::App* begin(const std::string& verb, const std::string& text,
                    const std::shared_ptr<Choice>& choice);

    CLI::App& app_;
    Connection& connection_;
    int& exit_status_;
    std::shared_ptr<Choice> last_choice_;
};

// The groups, each in the file of its name.
void add_look(Registry& registry);    // status, why, history
void add_who(Registry& registry);     // top, events
void add_archive(Registry& registry); // diff, generations, policies, audit, rollback
void add_policy(Registry& registry);  // plan, push
void add_guard(Registry& registry);   // approve, refuse, refresh
void add_gates(Registry& registry);   // gates, gates forget, health

/// A renderer that has no use for the options.
template <typename Function>
[[nodiscard]] Render plain(Function render) {
    return [render](std::ostream& out, const nlohmann::json& answer, const Choice&) {
        render(out, answer);
    };
}

} // namespace sweepgate::cli
