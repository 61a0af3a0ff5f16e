// SPDX-License-Identifier: Apache-2.0
// How the site does, what needs somebody first: verdict, alarms, what is in force, gates, systems.
#include <algorithm>
#include <ostream>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "controlplane/cli/fields.hpp"
#include "controlplane/cli/render.hpp"
#include "controlplane/cli/render_alarms.hpp"
#include "controlplane/cli/table.hpp"
#include "controlplane/cli/timeline.hpp"

namespace sweepgate::cli {

using nlohmann::json;

namespace {

/// Systems with fewer packets are told in one line, where there are many systems.
constexpr std::uint64_t kQuiet = 5;
constexpr std::size_t kFewSystems = 10;

/// One line where one thing is wrong, else a line each.
void render_verdict(std::ostream& out, const json& status) {
    const auto health = status.find("health");
    if (health == status.end() || !health->is_object()) return;
    const auto& faults = list(*health, "faults");
    out << printable(text(*health, "verdict"));
    if (faults.size() == 1) out << ": " << printable(joined(faults));
    if (faults.size() > 1) out << ": " << faults.size() << " faults";
    out << '\n';
    if (faults.size() > 1)
        for (const auto& fault : faults)
            if (fault.is_string()) out << "  " << printable(fault.get<std::string>()) << '\n';
}

/// "policy 16 (held.toml, alice)"; an archive of an older version knows the number alone.
std::string policy_of(const json& status) {
    auto line = fmt::format("policy {}", number(status, "policy"));
    std::string more;
    for (const auto* key : {"policy_file", "policy_author"})
        if (const auto value = text(status, key); !value.empty())
            more += (more.empty() ? "" : ", ") + value;
    return more.empty() ? line : line + " (" + more + ")";
}

/// "expires in 6 d 23 h", or how long ago it did.
std::string expiry_of(const json& status, Instant now) {
    const auto at = instant_from(text(status, "expires_at"));
    if (!at) return {};
    return *at > now ? "expires in " + duration_text(*at - now)
                     : "expired " + duration_text(now - *at) + " ago";
}

void render_published(std::ostream& out, const json& status, Instant now) {
    if (number(status, "generation") == 0) {
        out << fmt::format("nothing is published yet: {} waits for the first round of DNS "
                           "questions\n",
                           printable(policy_of(status)));
        return;
    }
    out << fmt::format("generation {} ({}) of {}, {}, {} prefixes, {} allowed first",
                       number(status, "generation"),
                       printable(text(status, "digest")).substr(0, 12),
                       printable(text(status, "issued_at")), printable(policy_of(status)),
                       number(status, "prefixes"), number(status, "allowed_prefixes"));
    if (const auto expiry = expiry_of(status, now); !expiry.empty()) out << ", " << expiry;
    out << '\n';
}

std::string outcomes(const json& round) {
    std::string line;
    const auto found = round.find("outcomes");
    if (found == round.end() || !found->is_object()) return line;
    for (const auto& [outcome, count] : found->items())
        line += fmt::format("{}{} {}", line.empty() ? "" : ", ", count.dump(), printable(outcome));
    return line;
}

void render_round(std::ostream& out, const json& round) {
    if (number(round, "number") != 0)
        out << fmt::format("round {}: {} questions in {:.2f} s: {}\n", number(round, "number"),
                           number(round, "questions"), real(round, "seconds"), outcomes(round));
    if (const auto error = text(round, "error"); !error.empty())
        out << "the last round failed: " << printable(error) << '\n';
    if (const auto since = text(round, "silent_since"); !since.empty())
        out << "no resolver has answered since " << printable(since) << ": nothing ages\n";
}

/// The last round, and what is asked without end.
void render_sweep(std::ostream& out, const json& status) {
    if (const auto round = status.find("round"); round != status.end()) render_round(out, *round);
    const auto sweep = status.find("sweep");
    if (sweep == status.end() || !sweep->is_object()) return;
    out << fmt::format("sweep: {} questions asked again and again, {} of them failing, {} "
                       "beyond the budget\n",
                       number(*sweep, "questions"), number(*sweep, "failing"),
                       number(*sweep, "beyond_budget"));
    if (const auto stretch = real(*sweep, "stretch"); stretch > 1)
        out << fmt::format("{:.0f} questions/s are due and the budget is {:.0f}/s: names that do "
                           "not change are asked {:.1f} times as seldom as their TTLs allow\n",
                           real(*sweep, "wanted_per_second"), real(*sweep, "budget_per_second"),
                           stretch);
}

/// Told in the words of the controller; one of before 0.2 knew three states.
std::string gate_state(const json& gate) {
    if (auto state = text(gate, "state_text"); !state.empty()) return state;
    if (!text(gate, "error").empty()) return "refused: " + text(gate, "error");
    if (is_set(gate, "expired")) return "enforced, but expired";
    return is_set(gate, "current") ? "current" : "behind";
}

std::uint64_t stopped(const json& counters) {
    return number(counters, "dropped") + number(counters, "rejected") + number(counters, "limited");
}

void render_versions(std::ostream& out, const json& status) {
    const auto ours = text(status, "version");
    std::set<std::string> others;
    for (const auto& gate : list(status, "gates"))
        if (const auto version = text(gate, "version"); !version.empty() && version != ours)
            others.insert(text(gate, "gate") + " " + version);
    if (ours.empty() || others.empty()) return;
    out << "versions differ: controller " << printable(ours);
    for (const auto& other : others) out << ", " << printable(other);
    out << '\n';
}

void render_gates(std::ostream& out, const json& status) {
    Table table({Column("GATE").cuts(12), Column("KIND").rank(3), ">GENERATION", ">HEARD",
                 Column("STATE").wraps(16), Column(">STOPPED").rank(2),
                 Column("SCHEDULES").wraps(9).rank(1).unless_empty()});
    for (const auto& gate : list(status, "gates")) {
        std::uint64_t packets = 0;
        for (const auto& system : list(gate, "systems")) packets += stopped(system);
        const auto seen = gate.find("seen_s_ago");
        table.add({text(gate, "gate"), text(gate, "kind"), text(gate, "generation"),
                   seen != gate.end() && seen->is_number()
                       ? duration_text(std::chrono::seconds(
                             static_cast<long long>(seen->get<double>() + 0.5))) +
                             " ago"
                   : seen == gate.end() ? "never"
                                        : "unknown",
                   gate_state(gate), grouped(packets), joined(list(gate, "schedules"))});
    }
    if (table.empty())
        out << "no gate has reported yet\n";
    else
        table.print(out);
    render_versions(out, status);
    for (const auto& gate : list(status, "gates"))
        for (const auto& warning : list(gate, "warnings"))
            if (warning.is_string())
                out << printable(text(gate, "gate")) << ": "
                    << printable(warning.get<std::string>()) << '\n';
}

std::string port_class(const json& system, const char* name) {
    const auto classes = system.find("port_classes");
    return classes != system.end() && classes->is_object() ? grouped(number(*classes, name))
                                                           : std::string{};
}

/// Rounded down: all of it is said only where nothing is expected any more.
std::string coverage(const json& system) {
    const auto share = system.find("coverage");
    return share == system.end() || !share->is_number()
               ? std::string{}
               : fmt::format("≈{} %", static_cast<int>(share->get<double>() * 100));
}

std::uint64_t prefixes(const json& system) {
    return number(system, "ipv4") + number(system, "ipv6");
}

std::uint64_t packets(const json& system) {
    return stopped(system) + number(system, "monitored") + number(system, "within");
}

bool stops_nothing(const json& system) { return text(system, "stops") == "nothing"; }

/// What is held first, then what is hit most.
std::vector<const json*> systems_in_order(const json& status) {
    std::vector<const json*> systems;
    for (const auto& system : list(status, "systems")) systems.push_back(&system);
    std::ranges::stable_sort(systems, [](const json* a, const json* b) {
        const bool a_held = !text(*a, "held").empty();
        const bool b_held = !text(*b, "held").empty();
        return a_held != b_held ? a_held : packets(*a) > packets(*b);
    });
    return systems;
}

/// Those of which no row is shown, in one line.
struct Unshown {
    std::size_t quiet = 0;
    std::size_t without_addresses = 0;
    std::vector<std::string> stop_nothing; // of the quiet ones

    void add(const json& system) {
        ++(prefixes(system) == 0 ? without_addresses : quiet);
        if (prefixes(system) > 0 && stops_nothing(system))
            stop_nothing.push_back(text(system, "id"));
    }

    void print(std::ostream& out) const {
        std::string line;
        if (quiet > 0)
            line = fmt::format("{} {} with fewer than {} packets", quiet,
                               quiet == 1 ? "system" : "systems", kQuiet);
        if (without_addresses > 0)
            line += quiet > 0 ? fmt::format(", {} without addresses", without_addresses)
                              : fmt::format("{} {} without addresses", without_addresses,
                                            without_addresses == 1 ? "system" : "systems");
        if (line.empty()) return;
        out << "… " << line << " (--all)\n";
        if (!stop_nothing.empty())
            out << "of these can stop nothing, for want of a port of their own on shared "
                   "addresses: "
                << fmt::format("{}", fmt::join(stop_nothing, ", ")) << '\n';
    }
};

Table systems_table() {
    return Table({Column("SYSTEM").cuts(10), "ACTION", ">PREFIXES 4+6",
                  Column(">SHARED").rank(6).unless_empty(), Column(">SEEN").rank(9).unless_empty(),
                  Column("STOPS").rank(5).unless_empty(), ">STOPPED",
                  Column(">MONITORED").rank(4).unless_empty(),
                  Column(">WITHIN").rank(7).unless_empty(), Column(">OWN PORT").rank(8),
                  Column(">EVASION").rank(3), Column(">OTHER").rank(10),
                  Column("NOTE").wraps(14).unless_empty()});
}

void add_system(Table& table, const json& system) {
    const auto held = text(system, "held");
    table.add({text(system, "id"), text(system, "action"),
               fmt::format("{}+{}", number(system, "ipv4"), number(system, "ipv6")),
               text(system, "shared"), coverage(system), text(system, "stops"),
               grouped(stopped(system)), grouped(number(system, "monitored")),
               grouped(number(system, "within")), port_class(system, "own"),
               port_class(system, "evasion"), port_class(system, "other"),
               held.empty() ? "" : "held: " + held});
}

void render_systems(std::ostream& out, const json& status, bool all) {
    auto table = systems_table();
    Unshown unshown;
    const auto systems = systems_in_order(status);
    const auto filled =
        std::ranges::count_if(systems, [](const json* each) { return prefixes(*each) > 0; });
    const bool few = static_cast<std::size_t>(filled) <= kFewSystems;
    for (const auto* system : systems) {
        const bool shown = all || !text(*system, "held").empty() || packets(*system) >= kQuiet ||
                           (few && prefixes(*system) > 0);
        if (shown)
            add_system(table, *system);
        else
            unshown.add(*system);
    }
    if (!table.empty()) {
        out << "\nprefixes in force, and packets hit since the gates started\n";
        table.print(out);
    }
    unshown.print(out);
}

} // namespace

void render_status(std::ostream& out, const json& status, Instant now, bool all) {
    render_verdict(out, status);
    render_standing_alarms(out, status, now);
    render_published(out, status, now);
    render_sweep(out, status);
    render_warnings(out, status);
    out << '\n';
    render_gates(out, status);
    render_systems(out, status, all);
    render_refused(out, status);
}

} // namespace sweepgate::cli
