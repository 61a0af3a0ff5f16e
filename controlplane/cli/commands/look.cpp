// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "controlplane/cli/commands/registry.hpp"
#include "controlplane/cli/render.hpp"
#include "controlplane/cli/timeline.hpp"
#include "controlplane/model/prefix.hpp"

namespace sweepgate::cli {

using nlohmann::json;

namespace {

/// Of which `why` is to tell the verdict.
struct Packet {
    std::string client;
    std::string port;
    std::string at;
};

void add_status(Registry& registry) {
    auto* status = registry.add("status", "verdict, alarms, generation, gates, systems",
                                [](std::ostream& out, const json& answer, const Choice& choice) {
                                    render_status(out, answer, this_second(), choice.all);
                                });
    status->add_flag("--all", registry.last_choice()->all,
                     "every system, also those with few packets or no addresses");
}

/// What looks like an address or a prefix and is none, before anybody is asked.
std::string wrong_subject(const std::string& text) {
    const bool numbers = text.find_first_not_of("0123456789./") == std::string::npos;
    const bool colons = text.find(':') != std::string::npos;
    if (text.find('/') != std::string::npos) {
        const auto prefix = parse_prefix(text);
        return prefix ? std::string{} : prefix.error().what;
    }
    if (!numbers && !colons) return {};
    const auto address = parse_address(text);
    return address ? std::string{} : address.error().what;
}

std::string wrong_address(const std::string& text) {
    const auto address = parse_address(text);
    return address ? std::string{} : address.error().what;
}

void add_why(Registry& registry) {
    auto* why = registry.add("why", "why an address, prefix or name is blocked, or is not",
                             plain(render_why));
    const auto asked = registry.last_choice();
    why->add_option("subject", asked->argument, "address, prefix or hostname")
        ->required()
        ->check(wrong_subject);
    const auto packet = std::make_shared<Packet>();
    why->add_option("--for", packet->client, "the verdict for packets of this client")
        ->check(wrong_address);
    why->add_option("--port", packet->port, "and to this port, e.g. 6667, 6667/tcp, 53/udp");
    why->add_option("--at", packet->at, "and at that hour of the week, e.g. \"mon 12:30\"");
    why->parse_complete_callback([asked, packet] {
        const bool any = !packet->client.empty() || !packet->port.empty() || !packet->at.empty();
        if (!any) return;
        asked->options =
            json{{"for", packet->client}, {"port", packet->port}, {"at", packet->at}}.dump();
    });
}

void add_history(Registry& registry) {
    auto* history =
        registry.add("history", "when addresses of a name, or names of an address, came and went",
                     [](std::ostream& out, const json& answer, const Choice&) {
                         render_history(out, answer, this_second());
                     });
    const auto asked = registry.last_choice();
    history->add_option("subject", asked->argument, "hostname or address")
        ->required()
        ->check(wrong_subject);
    asked->exit_code_of = [](const json& answer) {
        const auto seen = answer.find("sightings");
        return seen != answer.end() && seen->is_array() && seen->empty() ? kRefused : kOk;
    };
    history->footer(
        "A line of time each, from the first sighting to now: █ seen, ▒ in force without\n"
        "having been seen since, · not seen. CAME: how often an address came. It counts as\n"
        "gone when it was no longer in force, when its name was, or when it is missing from\n"
        "too many answers for its turn merely not to have come.\n"
        "Exit code 1: it was never seen.");
}

} // namespace

void add_look(Registry& registry) {
    add_status(registry);
    add_why(registry);
    add_history(registry);
}

} // namespace sweepgate::cli
