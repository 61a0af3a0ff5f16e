// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "controlplane/cli/commands/registry.hpp"

namespace sweepgate::cli {

namespace {

void add_approve(Registry& registry) {
    auto* approve =
        registry.add("approve", "let a held system's new addresses through", render_generation);
    approve->add_option("system", registry.last_choice()->argument, "system id")->required();
}

void add_refuse(Registry& registry) {
    auto* refuse =
        registry.add("refuse", "keep a held system's last good addresses", render_generation);
    refuse->add_option("system", registry.last_choice()->argument, "system id")->required();
}

} // namespace

void add_guard(Registry& registry) {
    add_approve(registry);
    add_refuse(registry);
    registry.add(
        "refresh", "start a round of DNS questions now",
        [](std::ostream& out, const nlohmann::json&, const Choice&) { out << "round started\n"; });
}

} // namespace sweepgate::cli
