// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "controlplane/cli/commands/registry.hpp"
#include "controlplane/cli/render.hpp"

namespace sweepgate::cli {

using nlohmann::json;

namespace {

void add_status(Registry& registry) {
    auto* status = registry.add("status", "generation, gates, systems and their counters",
                                [](std::ostream& out, const json& answer, const Choice& choice) {
                                    render_status(out, answer, choice.all);
                                });
    status->add_flag("--all", registry.last_choice()->all, "systems without addresses as well");
}

void add_why(Registry& registry) {
    auto* why = registry.add("why", "why an address is blocked, or is not", plain(render_why));
    why->add_option("address", registry.last_choice()->argument, "IPv4 or IPv6 address")
        ->required();
}

void add_history(Registry& registry) {
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
}

} // namespace

void add_look(Registry& registry) {
    add_status(registry);
    add_why(registry);
    add_history(registry);
}

} // namespace sweepgate::cli
