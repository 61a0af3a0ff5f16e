// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <set>
#include <thread>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "controlplane/cli/commands/registry.hpp"
#include "controlplane/cli/fields.hpp"
#include "controlplane/cli/interrupt.hpp"
#include "controlplane/cli/render.hpp"
#include "controlplane/cli/terminal.hpp"
#include "controlplane/cli/timeline.hpp"
#include "controlplane/model/hits.hpp"

namespace sweepgate::cli {

namespace {

constexpr unsigned kMostEvents = 1000; // that a controller keeps

/// "3m" -> 3, "start" -> 0: what gates can tell of. Text that says otherwise comes back.
std::string read_since(const std::string& text, unsigned& minutes) {
    if (text == "start") {
        minutes = 0;
        return {};
    }
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto unit = text.substr(digits);
    const bool known = unit == "m" || unit == "min" || unit == "s";
    if (digits == 0 || digits > 6 || !known)
        return "'" + text + "' is no time like 3m, 90s or start";
    const auto amount = std::stoul(text.substr(0, digits));
    const auto wanted = unit == "s" ? (amount + 59) / 60 : amount;
    if (wanted == 0 || wanted > kMostMinutes)
        return "gates know the last " + std::to_string(kMostMinutes) +
               " minutes, and all since they started (--since start)";
    minutes = static_cast<unsigned>(wanted);
    return {};
}

void add_top(Registry& registry) {
    auto* top = registry.add("top", "whom the gates hit most", plain(render_top));
    const auto asked = registry.last_choice();
    top->add_option("-n", asked->most, "rows")->check(CLI::Range(1, 1000))->capture_default_str();
    top->add_option("--by", asked->by, "told apart by")
        ->check(CLI::IsMember({"client", "system", "port", "gate", "all"}))
        ->capture_default_str();
    const auto only = std::make_shared<std::string>();
    top->add_option("--class", *only, "only hits on ports of this class")
        ->check(CLI::IsMember({"own", "evasion", "other", "none"}));
    auto* minutes =
        top->add_option("--minutes", asked->minutes, "of the past; 0 is since the gates started")
            ->check(CLI::Range(0U, kMostMinutes))
            ->capture_default_str();
    const auto since = std::make_shared<std::string>();
    top->add_option("--since", *since, "the same in words: 3m, 90s, start")
        ->excludes(minutes)
        ->check([asked](const std::string& text) { return read_since(text, asked->minutes); });
    top->parse_complete_callback([asked, only] {
        asked->argument =
            asked->by + " " + std::to_string(asked->most) + " " + std::to_string(asked->minutes);
        if (!only->empty()) asked->options = nlohmann::json{{"class", *only}}.dump();
    });
    top->footer(
        "own: the system's own ports; evasion: 21, 25, 53, 80, 443, where clients go whose\n"
        "own port is shut; none: no port at all, as in a later fragment.");
}

struct Events {
    unsigned most = 100;
    bool follow = false;
    std::string client;
    std::string system;
    std::string only;
    std::string since;

    [[nodiscard]] std::string options() const {
        auto object = nlohmann::json::object();
        for (const auto& [key, value] :
             {std::pair("client", client), {"system", system}, {"class", only}, {"since", since}})
            if (!value.empty()) object[key] = value;
        return object.empty() ? std::string{} : object.dump();
    }
};

/// Prints what is new about once a second, until Ctrl-C. Gates tell with delays of their own, so
/// what is new is what was not there before, not what is younger.
int follow(const Connection& connection, const Events& wanted, bool as_json) {
    const Interrupt interrupt;
    std::set<std::string> known;
    for (bool first = true; !Interrupt::came() && std::cout.good(); first = false) {
        const auto most = first ? wanted.most : kMostEvents;
        const auto answer = ask(connection, "events", std::to_string(most), wanted.options());
        if (!answer) return report(answer.error());
        std::set<std::string> now;
        for (const auto& event : list(*answer, "events")) {
            auto key = event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
            if (!known.contains(key)) {
                auto line = event;
                line["kind"] = "event";
                std::cout << (as_json ? json_text(line) + "\n"
                                      : fitted(event_line(event), screen_behind(STDOUT_FILENO)))
                          << std::flush;
            }
            now.insert(std::move(key));
        }
        known = std::move(now);
        for (int naps = 0; naps < 20 && !Interrupt::came(); ++naps)
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return kOk;
}

void add_events(Registry& registry) {
    const auto render = [](std::ostream& out, const nlohmann::json& answer, const Choice&) {
        render_events(out, answer, this_second());
    };
    auto* events = registry.add(
        "events", "clients, systems and ports not seen for an hour, the newest last", render);
    const auto choice = registry.last_choice();
    const auto wanted = std::make_shared<Events>();
    events->add_option("-n", wanted->most, "the newest n")
        ->check(CLI::Range(1U, kMostEvents))
        ->capture_default_str();
    events->add_flag("-f,--follow", wanted->follow, "go on with what comes, until Ctrl-C");
    events->add_option("--client", wanted->client, "only of this address or prefix");
    events->add_option("--system", wanted->system, "only of this system");
    events->add_option("--class", wanted->only, "only on ports of this class")
        ->check(CLI::IsMember({"own", "evasion", "other", "none"}));
    events->add_option("--since", wanted->since,
                       "only of the last 10m, 2h, 1d, or since a time "
                       "(RFC 3339)");
    events->callback([&connection = registry.connection(), &exit_status = registry.exit_status(),
                      choice, wanted, render] {
        choice->options = wanted->options();
        exit_status = wanted->follow ? follow(connection, *wanted, choice->json)
                                     : run(connection, "events", std::to_string(wanted->most),
                                           *choice, render);
    });
}

} // namespace

/// Commands whose argument is made of options.
void add_who(Registry& registry) {
    add_top(registry);
    add_events(registry);
}

} // namespace sweepgate::cli
