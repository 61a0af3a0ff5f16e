// SPDX-License-Identifier: Apache-2.0
// Why an address is blocked, or is not: the verdict, every line of its provenance with what the
// guard made of it, and what each gate says.
#include <ostream>
#include <set>

#include <fmt/format.h>

#include "controlplane/cli/fields.hpp"
#include "controlplane/cli/render.hpp"
#include "controlplane/cli/render_schedules.hpp"
#include "controlplane/cli/table.hpp"

namespace sweepgate::cli {

using nlohmann::json;

namespace {

void render_verdict(std::ostream& out, const json& why) {
    const auto found = why.find("verdict");
    const auto address = text(why, "address");
    if (found == why.end() || found->is_null()) {
        out << address << ": nothing has been published yet\n";
        return;
    }
    const auto& verdict = *found;
    const auto generation = text(verdict, "generation");
    if (is_set(verdict, "allowed")) {
        out << address << " is allowed before everything else (generation " << generation << ")\n";
        return;
    }
    if (!is_set(verdict, "listed")) {
        out << address << " is not listed (generation " << generation << "): it passes\n";
        return;
    }
    out << address << " is listed by " << text(verdict, "prefix") << " (generation " << generation
        << "), "
        << (text(verdict, "scope") == "shared" ? "shared with others: on the system's ports only"
                                               : "exclusive: on every port")
        << '\n';
    for (const auto& system : list(verdict, "systems")) {
        out << "  " << text(system, "id") << " (" << printable(text(system, "name"))
            << "): " << actions(system.value("action", json::object())) << '\n';
        for (const auto& schedule : list(system, "schedules"))
            out << "    in schedule " << text(schedule, "name") << ", " << text(schedule, "hours")
                << ": " << said_by(schedule.value("action", json::object())) << '\n';
    }
}

void render_field(std::ostream& out, const char* name, const std::string& value) {
    if (!value.empty()) out << fmt::format("    {:<10} {}\n", name, printable(value));
}

void render_judgement(std::ostream& out, const json& judgement) {
    const auto reason = text(judgement, "reason");
    render_field(out, "guard",
                 text(judgement, "disposition") + (reason.empty() ? "" : ": " + reason));
    for (const auto& each : list(judgement, "evidence"))
        if (each.is_object())
            render_field(out, "",
                         fmt::format("{:+d} {}", each.value("points", 0), text(each, "words")));
}

std::string times(const json& sighting) {
    auto line = fmt::format("first {}, last {}, {} times", text(sighting, "first_seen"),
                            text(sighting, "last_seen"), number(sighting, "count"));
    if (const auto absences = number(sighting, "absences"); absences > 0)
        line += fmt::format(", then {} answers without it", absences);
    const auto came = list(sighting, "spans").size() + number(sighting, "spans_forgotten");
    if (came > 1) line += fmt::format("; it came {} times", came);
    return line;
}

std::string lifetime(const json& sighting) {
    const auto last = number(sighting, "ttl");
    const auto lowest = sighting.find("ttl_lowest");
    return lowest == sighting.end() || number(sighting, "ttl_lowest") == last
               ? fmt::format("{} s", last)
               : fmt::format("{} s, the lowest {} s", last, number(sighting, "ttl_lowest"));
}

void render_sighting(std::ostream& out, const json& sighting) {
    const auto hostname = text(sighting, "hostname");
    auto source = text(sighting, "source");
    if (source.empty()) source = "dns";
    const auto system = text(sighting, "system");
    out << fmt::format("  {} ({}{})\n", printable(hostname), system.empty() ? "" : system + ", ",
                       text(sighting, "role"));
    render_field(out, "source", source + (is_set(sighting, "authenticated") ? ", DNSSEC" : ""));
    if (const auto& chain = list(sighting, "chain"); !chain.empty())
        render_field(out, "chain", hostname + " -> " + joined(chain, " -> "));
    render_field(out, "resolvers", joined(list(sighting, "resolvers")));
    render_field(out, "vantages", joined(list(sighting, "vantages")));
    render_field(out, "seen", times(sighting));
    render_field(out, "TTL", lifetime(sighting));
    render_field(out, "state", is_set(sighting, "in_force") ? "in force" : "no longer in force");
}

/// Where each judgement belongs: under the sighting of the same name and system.
bool is_about(const json& judgement, const json& sighting) {
    return text(judgement, "hostname") == text(sighting, "hostname") &&
           text(judgement, "system") == text(sighting, "system");
}

void render_provenance(std::ostream& out, const json& why) {
    const auto& judgements = list(why, "judgements");
    std::set<const json*> told;
    for (const auto& sighting : list(why, "sightings")) {
        render_sighting(out, sighting);
        for (const auto& judgement : judgements)
            if (is_about(judgement, sighting)) {
                render_judgement(out, judgement);
                told.insert(&judgement);
            }
    }
    for (const auto& judgement : judgements) {
        if (told.contains(&judgement)) continue;
        auto source = text(judgement, "source");
        if (source.empty()) source = "published: the catalog's prefixes";
        if (const auto origin = text(judgement, "origin"); !origin.empty()) source += ": " + origin;
        out << fmt::format("  {} ({})\n", text(judgement, "prefix"), text(judgement, "system"));
        render_field(out, "source", source);
        render_judgement(out, judgement);
    }
    if (list(why, "sightings").empty())
        out << (judgements.empty() ? "  nowhere: never seen in an answer, in no listed prefix\n"
                                   : "  never seen in an answer\n");
}

void render_gates(std::ostream& out, const json& why) {
    Table gates({"GATE", "KIND", ">GENERATION", "VERDICT"});
    for (const auto& gate : list(why, "gates")) {
        auto verdict = text(gate, "action");
        if (!text(gate, "error").empty())
            verdict = "could not look: " + text(gate, "error");
        else if (is_set(gate, "allowed"))
            verdict = "pass (allowed)";
        else if (is_set(gate, "listed"))
            verdict += " " + joined(list(gate, "systems")) + " (" + text(gate, "scope") + ")";
        gates.add({text(gate, "gate"), text(gate, "kind"), text(gate, "generation"), verdict});
    }
    if (gates.empty())
        out << "no gate answered\n";
    else
        gates.print(out);
}

} // namespace

void render_why(std::ostream& out, const json& why) {
    render_verdict(out, why);
    out << "\nit comes from\n";
    render_provenance(out, why);
    out << '\n';
    render_gates(out, why);
}

} // namespace sweepgate::cli
