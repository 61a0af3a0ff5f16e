// SPDX-License-Identifier: Apache-2.0
// Why an address is blocked, or is not: the verdict, every line of its provenance with what the
// guard made of it, and what each gate says.
#include <algorithm>
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

/// Of a controller that does not say it in a sentence.
std::string older_summary(const json& why) {
    const auto found = why.find("verdict");
    const auto address = text(why, "address");
    if (found == why.end() || !found->is_object())
        return address + ": nothing has been published yet";
    const auto& verdict = *found;
    const auto generation = text(verdict, "generation");
    if (is_set(verdict, "allowed"))
        return address + " is allowed before everything else (generation " + generation + ")";
    if (!is_set(verdict, "listed"))
        return address + " is not listed (generation " + generation + "): it passes";
    return address + " is listed by " + text(verdict, "prefix") + " (generation " + generation +
           "), " +
           (text(verdict, "scope") == "shared" ? "shared with others: on the system's ports only"
                                               : "exclusive: on every port");
}

/// The sentence, and the form in which the address was asked for or what it stands for.
void render_summary(std::ostream& out, const json& why) {
    if (const auto form = why.find("form"); form != why.end() && form->is_object())
        out << printable(text(*form, "asked")) << " is " << printable(text(why, "address")) << " ("
            << printable(text(*form, "how")) << ")\n";
    const auto summary = text(why, "summary");
    out << printable(summary.empty() ? older_summary(why) : summary) << '\n';
    if (const auto inner = why.find("stands_for"); inner != why.end() && inner->is_object())
        out << "it stands for " << printable(text(*inner, "address")) << " ("
            << printable(text(*inner, "how")) << "): " << printable(text(*inner, "summary"))
            << '\n';
}

void render_systems(std::ostream& out, const json& why) {
    const auto verdict = why.find("verdict");
    if (verdict == why.end() || !verdict->is_object() || is_set(*verdict, "allowed")) return;
    for (const auto& system : list(*verdict, "systems")) {
        out << "  " << printable(text(system, "id")) << " (" << printable(text(system, "name"))
            << "): " << actions(system.value("action", json::object())) << '\n';
        for (const auto& schedule : list(system, "schedules"))
            out << "    in schedule " << printable(text(schedule, "name")) << ", "
                << text(schedule, "hours") << ": "
                << said_by(schedule.value("action", json::object())) << '\n';
    }
}

void render_packets(std::ostream& out, const json& why) {
    for (const auto& packet : list(why, "packets"))
        out << "  " << printable(text(packet, "text")) << '\n';
}

void render_field(std::ostream& out, const char* name, const std::string& value) {
    if (!value.empty()) out << fmt::format("    {:<10} {}\n", name, printable(value));
}

void render_judgement(std::ostream& out, const json& judgement) {
    const auto reason = text(judgement, "reason");
    const auto effect = text(judgement, "effect");
    const bool plain = effect.empty() || effect == "in force" || effect == "not enforced";
    render_field(out, "guard",
                 text(judgement, "disposition") + (plain ? "" : " (" + effect + ")") +
                     (reason.empty() ? "" : ": " + reason));
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
    render_field(out, "book", is_set(sighting, "in_force") ? "current" : "gone");
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
    Table gates({Column("GATE").cuts(12), Column("KIND").rank(2), Column(">GENERATION").rank(1),
                 Column("VERDICT").wraps(20)});
    for (const auto& gate : list(why, "gates")) {
        if (gate.value("answered", json(true)) == false) continue;
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
    for (const auto& gate : list(why, "gates"))
        if (gate.value("answered", json(true)) == false)
            out << printable(text(gate, "gate")) << ' ' << printable(text(gate, "error")) << '\n';
}

/// No gate is asked about a prefix or a name: one that holds the same generation does as is told
/// here, and another is named with what is wrong with it.
void render_gate_states(std::ostream& out, const json& why) {
    if (!why.contains("gate_states")) return; // an older controller
    const auto& gates = list(why, "gate_states");
    const auto current = std::count_if(gates.begin(), gates.end(), [](const auto& gate) {
        return gate.is_object() && is_set(gate, "current");
    });
    if (gates.empty())
        out << "no gate has reported: nobody enforces it\n";
    else
        out << fmt::format("{} of {} {} so\n", current, gates.size(),
                           gates.size() == 1 ? "gate does" : "gates do");
    for (const auto& gate : gates)
        if (!is_set(gate, "current"))
            out << "  " << printable(text(gate, "gate")) << ": "
                << printable(text(gate, "state_text")) << '\n';
}

void render_exceptions(std::ostream& out, const json& why) {
    for (const auto& exception : list(why, "exceptions"))
        out << "  " << printable(text(exception, "prefix"))
            << " is never hit: " << printable(text(exception, "text")) << '\n';
}

void render_parts(std::ostream& out, const json& why) {
    out << printable(text(why, "summary")) << '\n';
    Table listed({Column("LISTED").wraps(18), "SCOPE", Column("SYSTEMS").wraps(10)});
    for (const auto& part : list(why, "listed"))
        listed.add({text(part, "prefix"), text(part, "scope"), joined(list(part, "systems"))});
    if (!listed.empty()) listed.print(out);
    for (const auto& prefix : list(why, "allowed"))
        if (prefix.is_string())
            out << "  " << printable(prefix.get<std::string>())
                << " is allowed before everything else\n";
    render_exceptions(out, why);
    for (const auto& held : list(why, "held"))
        out << "  " << printable(text(held, "address"))
            << " is held: " << printable(text(held, "system")) << ' '
            << printable(text(held, "reason")) << '\n';
    for (const auto& refused : list(why, "refused"))
        out << "  " << printable(text(refused, "prefix")) << " of "
            << printable(text(refused, "system"))
            << " is refused by the guard: " << printable(text(refused, "reason")) << '\n';
    if (const auto left_out = number(why, "left_out"); left_out > 0)
        out << "… and " << left_out << " more\n";
    render_gate_states(out, why);
}

void render_name(std::ostream& out, const json& why) {
    const auto& addresses = list(why, "addresses");
    out << printable(text(why, "hostname")) << ": "
        << (addresses.empty() ? "no address was ever seen"
                              : std::to_string(addresses.size()) +
                                    (addresses.size() == 1 ? " address" : " addresses"))
        << '\n';
    for (const auto& name : list(why, "names")) {
        const auto failures = number(name, "failures");
        const auto gone = text(name, "gone_since");
        if (failures == 0 && gone.empty()) continue;
        out << "  " << printable(text(name, "type")) << ": "
            << (gone.empty() ? fmt::format("no answer {} times in a row", failures)
                             : "gone since " + printable(gone))
            << '\n';
    }
    for (const auto& address : addresses) {
        out << "  " << printable(text(address, "summary")) << '\n';
        for (const auto& packet : list(address, "packets"))
            out << "    " << printable(text(packet, "text")) << '\n';
    }
    render_gate_states(out, why);
}

} // namespace

void render_why(std::ostream& out, const json& why) {
    if (why.contains("hostname")) return render_name(out, why);
    if (why.contains("listed") && why.contains("prefix")) return render_parts(out, why);
    render_summary(out, why);
    render_systems(out, why);
    render_exceptions(out, why);
    render_packets(out, why);
    out << "\nit comes from\n";
    render_provenance(out, why);
    out << '\n';
    render_gates(out, why);
}

} // namespace sweepgate::cli
