// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "controlplane/cli/commands/registry.hpp"
#include "controlplane/cli/render.hpp"

namespace sweepgate::cli {

namespace {

void add_top(Registry& registry) {
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
}

void add_events(Registry& registry) {
    auto* events = registry.add("events", "clients, systems and ports not seen for an hour",
                                plain(render_events));
    const auto wanted = registry.last_choice();
    events->add_option("-n", wanted->argument, "the newest n (default 100)")
        ->check(CLI::Range(1, 1000));
}

} // namespace

/// Commands whose argument is made of options.
void add_who(Registry& registry) {
    add_top(registry);
    add_events(registry);
}

} // namespace sweepgate::cli
