// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "controlplane/cli/commands/registry.hpp"

namespace sweepgate::cli {

namespace {

void add_approve(Registry& registry) {
    registry.add_decision("approve", "let a held system's new addresses through",
                          {"system", "system id"});
}

void add_refuse(Registry& registry) {
    registry.add_decision("refuse", "keep a held system's last good addresses",
                          {"system", "system id"});
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
