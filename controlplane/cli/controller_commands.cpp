// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/controller_commands.hpp"

#include <functional>
#include <iostream>
#include <limits>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "controlplane/cli/plan_snapshot.hpp"
#include "controlplane/cli/render.hpp"
#include "controlplane/config/document.hpp"
#include "controlplane/model/schedule.hpp"

namespace sweepgate::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxPolicy = std::size_t{8} << 20U;
constexpr std::size_t kShownLines = 20;

/// What the options of one subcommand fill in.
struct Choice {
    std::string argument;
    bool json = false;
    bool all = false;
    std::string snapshot;      // of a plan: the file to write it to
    std::string at;            // of a plan: "mon 12:30"
    std::string by = "client"; // of top
    unsigned most = 20;
    unsigned minutes = 0;
    std::string from; // of a diff: generations
    std::string to;

    [[nodiscard]] std::size_t lines() const {
        return all ? std::numeric_limits<std::size_t>::max() : kShownLines;
    }
};

using Render = std::function<void(std::ostream&, const json&, const Choice&)>;

int report(const Error& error) {
    std::cerr << "sweepgate: " << error.what << '\n';
    return exit_code(error);
}

int run(const Connection& connection, const std::string& verb, const std::string& argument,
        const Choice& choice, const Render& render) {
    const auto answer = ask(connection, verb, argument);
    if (!answer) return report(answer.error());
    try {
        if (choice.json)
            std::cout << answer->dump() << '\n';
        else
            render(std::cout, *answer, choice);
    } catch (const json::exception& error) {
        return report({Errc::bad_input, std::string("the answer makes no sense: ") + error.what()});
    }
    return kOk;
}

int save_plan(const Connection& connection, const std::string& policy, const Choice& choice) {
    const auto ok = save_planned(connection, policy, choice.snapshot, choice.json, std::cout);
    return ok ? kOk : report(ok.error());
}

Result<std::string> policy_text(const std::string& path) {
    if (path.empty()) return std::string{};
    return config::read_file(path == "-" ? "/dev/stdin" : path, kMaxPolicy);
}

void render_generation(std::ostream& out, const json& answer, const Choice& /*choice*/) {
    out << "policy " << answer.value("policy", 0U) << " is in force as generation "
        << answer.value("generation", 0U) << '\n';
}

class Registry {
public:
    Registry(CLI::App& app, Connection& connection, int& exit_status)
        : app_(app), connection_(connection), exit_status_(exit_status) {}

    /// A command whose argument goes to the controller as it stands.
    CLI::App* add(const std::string& verb, const std::string& text, Render render) {
        const auto choice = std::make_shared<Choice>();
        auto* command = begin(verb, text, choice);
        command->callback([&connection = connection_, &exit_status = exit_status_, verb, choice,
                           render = std::move(render)] {
            exit_status = run(connection, verb, choice->argument, *choice, render);
        });
        return command;
    }

    /// A command whose argument is a file with a policy.
    CLI::App* add_policy(const std::string& verb, const std::string& text, bool required,
                         Render render) {
        const auto choice = std::make_shared<Choice>();
        auto* command = begin(verb, text, choice);
        command->add_option("policy", choice->argument, "policy file (TOML); - is standard input")
            ->required(required);
        command->callback([&connection = connection_, &exit_status = exit_status_, verb, choice,
                           render = std::move(render)] {
            const auto policy = policy_text(choice->argument);
            if (!policy)
                exit_status = report(policy.error());
            else if (!choice->snapshot.empty())
                exit_status = save_plan(connection, *policy, *choice);
            else if (!choice->at.empty())
                exit_status =
                    run(connection, verb + "-at", choice->at + "\n" + *policy, *choice, render);
            else
                exit_status = run(connection, verb, *policy, *choice, render);
        });
        return command;
    }

    [[nodiscard]] const std::shared_ptr<Choice>& last_choice() const { return last_choice_; }

private:
    CLI::App* begin(const std::string& verb, const std::string& text,
                    const std::shared_ptr<Choice>& choice) {
        auto* command = app_.add_subcommand(verb, text);
        command->add_flag("--json", choice->json, "the controller's answer as one JSON object");
        last_choice_ = choice;
        return command;
    }

    CLI::App& app_;
    Connection& connection_;
    int& exit_status_;
    std::shared_ptr<Choice> last_choice_;
};

void add_diff(Registry& registry) {
    auto* diff =
        registry.add("diff", "what came and went between two generations, by system and name",
                     [](std::ostream& out, const json& answer, const Choice& choice) {
                         render_diff(out, answer, choice.lines());
                     });
    const auto asked = registry.last_choice();
    auto* from =
        diff->add_option("from", asked->from, "generation; default: the one before the newest");
    diff->add_option("to", asked->to, "generation; default: the newest")->needs(from);
    diff->add_flag("--all", asked->all, "every changed line");
    diff->footer("`sweepgate generations` lists them; the newest eight can be compared.");
    diff->parse_complete_callback(
        [asked] { asked->argument = asked->from + (asked->to.empty() ? "" : " " + asked->to); });
}

void add_reading(Registry& registry) {
    const auto plain = [](auto render) {
        return
            [render](std::ostream& out, const json& answer, const Choice&) { render(out, answer); };
    };
    auto* status = registry.add("status", "generation, gates, systems and their counters",
                                [](std::ostream& out, const json& answer, const Choice& choice) {
                                    render_status(out, answer, choice.all);
                                });
    status->add_flag("--all", registry.last_choice()->all, "systems without addresses as well");
    auto* why = registry.add("why", "why an address is blocked, or is not", plain(render_why));
    why->add_option("address", registry.last_choice()->argument, "IPv4 or IPv6 address")
        ->required();
    auto* history =
        registry.add("history", "when addresses of a name, or names of an address, came and went",
                     [](std::ostream& out, const json& answer, const Choice&) {
                         render_history(out, answer,
                                        std::chrono::floor<std::chrono::seconds>(
                                            std::chrono::system_clock::now()));
                     });
    history->add_option("what", registry.last_choice()->argument, "hostname or address")
        ->required();
    history->footer(
        "A line of time each, from the first sighting to now: █ seen, ▒ in force without\n"
        "having been seen since, · not seen. CAME: how often an address came. It counts as\n"
        "gone when it was no longer in force, when its name was, or when it is missing from\n"
        "too many answers for its turn merely not to have come.");
    add_diff(registry);
    registry.add("audit", "who tried what", plain(render_audit));
    registry.add("generations", "what was published, when and why", plain(render_generations));
    auto* plan =
        registry.add_policy("plan", "what a policy would enforce, before it does", false,
                            [](std::ostream& out, const json& answer, const Choice& choice) {
                                render_plan(out, answer, choice.lines());
                            });
    plan->add_flag("--all", registry.last_choice()->all, "every changed line");
    auto* snapshot = plan->add_option(
        "--snapshot", registry.last_choice()->snapshot,
        "write what it would enforce to a file, for a replay; FILE.pub is its key");
    plan->add_option("--at", registry.last_choice()->at,
                     "what it would enforce at that hour of the week, e.g. \"mon 12:30\"; each "
                     "schedule by its own clock")
        ->excludes(snapshot)
        ->check([](const std::string& text) {
            return week_minute_from(text) ? std::string()
                                          : "'" + text + "' is no time like 'mon 12:30'";
        });
}

/// Commands whose argument is made of options.
void add_who(Registry& registry) {
    const auto plain = [](auto render) {
        return
            [render](std::ostream& out, const json& answer, const Choice&) { render(out, answer); };
    };
    auto* top = registry.add("top", "whom the gates hit most", plain(render_top));
    const auto asked = registry.last_choice();
    top->add_option("-n", asked->most, "rows")->check(CLI::Range(1, 1000))->capture_default_str();
    top->add_option("--by", asked->by, "told apart by")
        ->check(CLI::IsMember({"client", "system", "port", "all"}))
        ->capture_default_str();
    top->add_option("--minutes", asked->minutes, "of the past; 0 is since the gates started")
        ->check(CLI::Range(0, 5))
        ->capture_default_str();
    top->parse_complete_callback([asked] {
        asked->argument =
            asked->by + " " + std::to_string(asked->most) + " " + std::to_string(asked->minutes);
    });
    auto* events = registry.add("events", "clients, systems and ports not seen for an hour",
                                plain(render_events));
    const auto wanted = registry.last_choice();
    events->add_option("-n", wanted->argument, "the newest n (default 100)")
        ->check(CLI::Range(1, 1000));
}

void add_changing(Registry& registry) {
    registry.add_policy("push", "put a policy in force", true, render_generation);
    auto* rollback =
        registry.add("rollback", "put the policy before, or number N, in force", render_generation);
    rollback->add_option("number", registry.last_choice()->argument, "policy number");
    auto* approve =
        registry.add("approve", "let a held system's new addresses through", render_generation);
    approve->add_option("system", registry.last_choice()->argument, "system id")->required();
    auto* refuse =
        registry.add("refuse", "keep a held system's last good addresses", render_generation);
    refuse->add_option("system", registry.last_choice()->argument, "system id")->required();
    registry.add("refresh", "start a round of DNS questions now",
                 [](std::ostream& out, const json&, const Choice&) { out << "round started\n"; });
}

} // namespace

void add_controller_commands(CLI::App& app, Connection& connection, int& exit_status) {
    Registry registry(app, connection, exit_status);
    add_reading(registry);
    add_who(registry);
    add_changing(registry);
}

} // namespace sweepgate::cli
