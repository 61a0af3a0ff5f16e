// SPDX-License-Identifier: Apache-2.0
// What becomes of gates: gates, gates forget, health.
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "controlplane/cli/commands/registry.hpp"
#include "controlplane/cli/fields.hpp"
#include "controlplane/cli/table.hpp"
#include "controlplane/cli/terminal.hpp"

namespace sweepgate::cli {

using nlohmann::json;

namespace {

constexpr int kDegraded = 1;
constexpr int kBroken = 2;

void render_gate_rows(std::ostream& out, const json& answer, const Choice& /*choice*/) {
    Table table({Column("GATE").wraps(12), Column("KIND").rank(4), Column(">GENERATION").rank(1),
                 Column(">SEEN").rank(2), Column("VERSION").rank(3), Column("STATE").wraps(20)});
    for (const auto& gate : list(answer, "gates"))
        table.add({text(gate, "gate"), text(gate, "kind"), text(gate, "generation"),
                   gate.contains("seen_s_ago") && gate["seen_s_ago"].is_number()
                       ? fmt::format("{:.0f} s ago", gate["seen_s_ago"].get<double>())
                       : "unknown",
                   text(gate, "version"), text(gate, "state_text")});
    out << "generation " << answer.value("generation", 0U) << " is published\n";
    if (table.empty())
        out << "no gate is known\n";
    else
        table.print(out);
}

void add_gates_forget(Registry& registry, CLI::App& gates) {
    auto* forget = gates.add_subcommand("forget", "no longer expect a gate that is gone for good");
    const auto name = std::make_shared<std::string>();
    forget->add_option("name", *name, "the gate's name, as `sweepgate gates` shows it")->required();
    forget->callback(
        [&connection = registry.connection(), &exit_status = registry.exit_status(), name] {
            exit_status = run(connection, "gates-forget", *name, Choice{},
                              [&](std::ostream& out, const json& answer, const Choice&) {
                                  out << printable(*name) << " is forgotten";
                                  if (answer.value("alive", false))
                                      out << "; it still reports, so it will be back";
                                  out << '\n';
                              });
        });
}

void add_gates_command(Registry& registry) {
    auto* gates =
        registry.add("gates", "who enforces what, and what is wrong with it", render_gate_rows);
    const auto choice = registry.last_choice();
    gates->require_subcommand(0, 1);
    gates->callback([gates, choice, &connection = registry.connection(),
                     &exit_status = registry.exit_status()] {
        if (gates->get_subcommands().empty())
            exit_status = run(connection, "gates", "", *choice, render_gate_rows);
    });
    add_gates_forget(registry, *gates);
    gates->footer(
        "States: current (alive, the same content, saved, on time), silent, behind, ahead,\n"
        "differs, refuses, double, bypassed, clock, expired, unsaved.");
}

int health_of(const Connection& connection, const Choice& choice) {
    const auto answer = ask(connection, "health", "");
    if (!answer) return report(answer.error());
    if (choice.json) {
        std::cout << json_text(*answer) << '\n';
    } else {
        if (list(*answer, "faults").empty()) std::cout << "ok\n";
        for (const auto& fault : list(*answer, "faults"))
            if (fault.is_string()) std::cout << printable(fault.get<std::string>()) << '\n';
    }
    const auto verdict = text(*answer, "verdict");
    if (verdict == "ok") return kOk;
    return verdict == "degraded" ? kDegraded : kBroken;
}

void add_health(Registry& registry) {
    auto* health = registry.add("health", "whether all is well, one line a fault",
                                [](std::ostream&, const json&, const Choice&) {});
    health->callback(
        [choice = registry.last_choice(), &connection = registry.connection(),
         &exit_status = registry.exit_status()] { exit_status = health_of(connection, *choice); });
    health->footer(
        "Exit codes: 0 ok, 1 degraded, 2 broken (something that is asked for is not so),\n"
        "3 nobody answered.");
}

} // namespace

void add_gates(Registry& registry) {
    add_gates_command(registry);
    add_health(registry);
}

} // namespace sweepgate::cli
