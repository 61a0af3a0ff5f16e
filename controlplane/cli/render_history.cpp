// SPDX-License-Identifier: Apache-2.0
// When addresses came and went, as the book knows it.
#include <algorithm>
#include <optional>
#include <ostream>
#include <vector>

#include <fmt/format.h>

#include "controlplane/cli/fields.hpp"
#include "controlplane/cli/render.hpp"
#include "controlplane/cli/table.hpp"
#include "controlplane/cli/timeline.hpp"

namespace sweepgate::cli {

using nlohmann::json;

namespace {

/// Of a line of time, by how much the screen has for a row.
std::size_t time_columns(std::size_t screen) {
    if (screen < 80) return 10;
    if (screen < 100) return 16;
    return screen < 160 ? 24 : 40;
}

struct Row {
    const json* sighting;
    std::vector<Span> spans; // at least one

    [[nodiscard]] Instant begin() const { return spans.front().begin; }
    [[nodiscard]] Instant end() const { return spans.back().end; }
};

std::optional<Span> span_of(const json& seen) {
    const auto first = instant_from(text(seen, "first_seen"));
    const auto last = instant_from(text(seen, "last_seen"));
    if (!first || !last) return std::nullopt;
    return Span{*first, std::max(*first, *last)};
}

/// A controller without spans knows the first and the last sighting.
std::vector<Span> spans_of(const json& sighting) {
    std::vector<Span> spans;
    for (const auto& each : list(sighting, "spans"))
        if (const auto span = span_of(each)) spans.push_back(*span);
    if (spans.empty())
        if (const auto span = span_of(sighting)) spans.push_back(*span);
    std::ranges::stable_sort(spans, {}, &Span::begin);
    return spans;
}

std::vector<Row> rows_of(const json& history) {
    std::vector<Row> rows;
    for (const auto& sighting : list(history, "sightings"))
        if (auto spans = spans_of(sighting); !spans.empty())
            rows.push_back({&sighting, std::move(spans)});
    std::ranges::stable_sort(rows, {}, &Row::begin);
    return rows;
}

/// A controller whose clock is ahead of ours has seen some of it later than now.
Span whole_of(const std::vector<Row>& rows, Instant now) {
    Span whole{rows.front().begin(), std::max(rows.front().begin(), now)};
    for (const auto& row : rows) whole.end = std::max(whole.end, row.end());
    return whole;
}

std::string state_of(const Row& row, const Span& whole) {
    const auto absences = number(*row.sighting, "absences");
    const auto missing = duration_text(whole.end - row.end());
    const auto without = absences == 0 ? "" : fmt::format(", {} answers without it", absences);
    if (!is_set(*row.sighting, "in_force")) return "left; last seen " + missing + " ago" + without;
    return absences == 0 ? "in force" : "held; last seen " + missing + " ago" + without;
}

std::string times_of(const Row& row) {
    const auto forgotten = number(*row.sighting, "spans_forgotten");
    return std::to_string(row.spans.size() + forgotten);
}

/// What a name is thought to have: "≈97 % seen, 194 of ≈199".
std::string completeness_of(const json& name) {
    const auto found = name.find("completeness");
    if (found == name.end() || !found->is_object()) return {};
    auto line = text(*found, "text");
    if (line.empty()) return line; // nothing can be said yet
    const auto estimated = found->find("estimated");
    if (estimated != found->end() && estimated->is_number())
        line += fmt::format(", {} of ≈{:.0f}", number(*found, "seen"), estimated->get<double>());
    return line;
}

std::string names_state(const json& name) {
    if (const auto gone = text(name, "gone_since"); !gone.empty())
        return (text(name, "last_outcome") == "no data" ? "none since " : "gone since ") + gone;
    const auto failures = number(name, "failures");
    if (failures == 0) return {};
    const auto last = text(name, "last_answered");
    return fmt::format("no answer {} times in a row; {}", failures,
                       last.empty() ? "never any" : "last " + last);
}

void render_names(std::ostream& out, const json& history, Instant now) {
    Table table({Column("NAME").cuts(16), Column("SYSTEM").rank(4).unless_empty(), "TYPE",
                 Column("LAST OUTCOME").rank(1), Column("ASKED").rank(3), Column("CHANGED").rank(2),
                 Column("SEEN").wraps(10).unless_empty(), Column(">EVICTED").rank(5).unless_empty(),
                 Column("").wraps(16).unless_empty()});
    for (const auto& name : list(history, "names"))
        table.add({text(name, "hostname"), text(name, "system"), text(name, "type"),
                   text(name, "last_outcome"), clock_text(text(name, "last_asked"), now),
                   clock_text(text(name, "last_changed"), now), completeness_of(name),
                   text(name, "evicted"), names_state(name)});
    if (table.empty()) return;
    table.print(out);
    out << '\n';
}

} // namespace

void render_history(std::ostream& out, const json& history, Instant now) {
    render_names(out, history, now);
    const auto rows = rows_of(history);
    if (rows.empty()) {
        const auto note = text(history, "note");
        out << "never seen in an answer" << (note.empty() ? "" : "; " + printable(note)) << '\n';
        return;
    }
    const auto whole = whole_of(rows, now);
    Table table({Column("ADDRESS").wraps(19), Column("NAME").cuts(12).rank(5),
                 Column("SYSTEM").rank(4), "TIME", Column("FIRST SEEN").rank(6),
                 Column("LAST SEEN").rank(3), Column(">CAME").rank(2), Column(">TIMES").rank(7),
                 Column(">TTL").rank(8), Column("STATE").wraps(14)});
    const auto columns = time_columns(screen_of(out).columns);
    for (const auto& row : rows) {
        const auto& sighting = *row.sighting;
        auto system = text(sighting, "system");
        if (system.empty()) system = text(sighting, "role");
        table.add({text(sighting, "address"), text(sighting, "hostname"), system,
                   timeline(whole, row.spans, is_set(sighting, "in_force"), columns),
                   clock_text(text(sighting, "first_seen"), now),
                   clock_text(text(sighting, "last_seen"), now), times_of(row),
                   text(sighting, "count"), text(sighting, "ttl"), state_of(row, whole)});
    }
    table.print(out);
    out << fmt::format("TIME is {} from {}; █ seen, ▒ in force since it was last seen, · not seen; "
                       "CAME counts the spans\n",
                       duration_text(whole.end - whole.begin), instant_text(whole.begin));
}

} // namespace sweepgate::cli
