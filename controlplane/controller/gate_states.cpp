// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/gate_states.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "controlplane/controller/json.hpp"
#include "controlplane/controller/who.hpp"

namespace sweepgate::controller {

using nlohmann::json;

namespace {

std::chrono::milliseconds age_of(const wire::PeerState& said, const wire::Moment& now) {
    using std::chrono::duration_cast, std::chrono::milliseconds;
    return said.remembered ? duration_cast<milliseconds>(now.wall - said.last_seen)
                           : duration_cast<milliseconds>(now.steady - said.heard);
}

/// A receipt is newer than the report before it; what was in force once need not be so any more.
void set_held(GateRow& row) {
    if (row.said.report) {
        row.generation = row.said.report->generation;
        row.digest = row.said.report->digest;
    }
    const auto& receipt = row.said.acknowledgement;
    if (receipt && receipt->error.empty() && receipt->generation > row.generation &&
        !row.said.reported_last) {
        row.generation = receipt->generation;
        row.digest = receipt->digest;
    }
}

/// What the gate said last of itself, in whichever message came last.
const Speaker& speaker_of(const wire::PeerState& said) {
    static const Speaker kNobody;
    const Speaker* newest = said.report ? &said.report->speaker : &kNobody;
    if (said.acknowledgement && said.acknowledgement->speaker.clock_ms > newest->clock_ms)
        newest = &said.acknowledgement->speaker;
    return *newest;
}

void judge_silence(GateRow& row, const GateBounds& bounds) {
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(row.age);
    // By a clock that was set back since nobody knows for how long.
    if (row.said.remembered)
        row.faults.push_back({GateState::silent, "silent" +
                                                     (age.count() < 0 ? "" : " " + spoken(age)) +
                                                     ", not heard since the controller started"});
    else if (row.age >= bounds.silent_after)
        row.faults.push_back({GateState::silent, "silent " + spoken(age)});
}

void judge_content(GateRow& row, const Published& ours) {
    const auto held = row.generation;
    if (held > ours.generation)
        row.faults.push_back({GateState::ahead, fmt::format("ahead: holds generation {}", held)});
    else if (held == ours.generation && held != 0 && row.digest != ours.digest)
        row.faults.push_back({GateState::differs, "differs: the same number, but another content"});
    else if (const auto reason = row.refusal(); !reason.empty())
        row.faults.push_back({GateState::refuses, "refuses: " + reason});
    else if (held == 0)
        row.faults.push_back({GateState::behind, ours.generation == 0
                                                     ? "behind: nothing is published yet"
                                                     : "behind: enforces nothing yet"});
    else if (held < ours.generation)
        row.faults.push_back({GateState::behind, fmt::format("behind: holds generation {}", held)});
    else if (const auto keys = speaker_of(row.said).trust_version; keys < ours.trust_version)
        row.faults.push_back({GateState::behind,
                              fmt::format("behind: version {} of the list of signing keys, not {}",
                                          keys, ours.trust_version)});
}

void judge_box(GateRow& row, const GateBounds& bounds) {
    static const std::vector<std::string> kNone;
    for (const auto& warning : row.said.report ? row.said.report->warnings : kNone) {
        if (is_bypass(warning))
            row.faults.push_back(
                {GateState::bypassed, "bypassed: " + warning.substr(kBypassWarning.size())});
        if (warning.starts_with(kStalledWarning))
            row.faults.push_back({GateState::stalled, warning});
    }
    const auto offset = row.said.clock_offset.value_or(std::chrono::milliseconds(0));
    if (std::chrono::abs(offset) > bounds.clock_skew)
        row.faults.push_back(
            {GateState::clock, fmt::format("clock {}{}", offset.count() > 0 ? '+' : '-',
                                           spoken(std::chrono::duration_cast<std::chrono::seconds>(
                                               std::chrono::abs(offset))))});
    if (row.said.report && row.said.report->expired)
        row.faults.push_back({GateState::expired, "expired: enforces on"});
    if (speaker_of(row.said).saved == Saved::no)
        row.faults.push_back({GateState::unsaved, "unsaved"});
}

/// Of a name, those programs that speak now although another one does.
void judge_doubles(std::vector<GateRow>& rows) {
    std::map<std::string, std::vector<GateRow*>> alive;
    for (auto& row : rows)
        if (row.said.doubled && row.state() != GateState::silent)
            alive[row.said.gate].push_back(&row);
    for (const auto& [gate, boxes] : alive) {
        if (boxes.size() < 2) continue;
        const bool cloned = std::ranges::all_of(boxes, [&](const GateRow* box) {
            return wire::kept_part(box->said.instance) ==
                   wire::kept_part(boxes.front()->said.instance);
        });
        for (auto* box : boxes)
            box->faults.insert(
                box->faults.begin(),
                {GateState::doubled,
                 fmt::format("double: {} {}", boxes.size(),
                             cloned ? "clones of one box, state folder and all, speak as it"
                                    : "boxes have this name")});
    }
}

json systems_of(const GateReport& report) {
    auto systems = json::array();
    for (const auto& system : report.systems)
        systems.push_back({{"system", system.system},
                           {"dropped", system.dropped},
                           {"rejected", system.rejected},
                           {"monitored", system.monitored},
                           {"limited", system.limited},
                           {"within", system.within},
                           {"port_classes", to_json(system.port_classes)}});
    return systems;
}

json counters_of(const GateReport& report) {
    auto counters = json::object();
    for (const auto& counter : report.counters) counters[counter.name] = counter.packets;
    return counters;
}

json saved_of(const Speaker& speaker) {
    if (speaker.saved == Saved::untold || speaker.saved == Saved::keeps_nothing) return nullptr;
    return speaker.saved == Saved::yes;
}

} // namespace

std::string_view to_string(GateState state) {
    switch (state) {
    case GateState::current: return "current";
    case GateState::silent: return "silent";
    case GateState::doubled: return "double";
    case GateState::ahead: return "ahead";
    case GateState::differs: return "differs";
    case GateState::refuses: return "refuses";
    case GateState::behind: return "behind";
    case GateState::bypassed: return "bypassed";
    case GateState::stalled: return "stalled";
    case GateState::clock: return "clock";
    case GateState::expired: return "expired";
    case GateState::unsaved: return "unsaved";
    }
    return "unknown";
}

std::string GateRow::text() const {
    if (faults.empty()) return "current";
    std::string all;
    for (const auto& fault : faults) all += (all.empty() ? "" : "; ") + fault.text;
    return all;
}

std::string GateRow::refusal() const {
    if (said.acknowledgement && !said.acknowledgement->error.empty())
        return said.acknowledgement->error;
    return speaker_of(said).refusal;
}

std::string GateRow::error() const {
    if (auto refused = refusal(); !refused.empty() || speaker_of(said).saved != Saved::no)
        return refused;
    // In force, and gone with the next reboot: why is among the warnings of the same report.
    constexpr std::string_view kNotSaved = "not saved";
    if (said.report)
        for (const auto& warning : said.report->warnings)
            if (warning.starts_with(kNotSaved)) return warning;
    return std::string(kNotSaved);
}

std::vector<GateRow> judge_gates(std::vector<wire::PeerState> said, const Published& ours,
                                 const GateBounds& bounds, const wire::Moment& now) {
    std::vector<GateRow> rows;
    rows.reserve(said.size());
    for (auto& state : said) {
        auto& row = rows.emplace_back(GateRow{std::move(state), 0, {}, {}, {}});
        row.age = age_of(row.said, now);
        set_held(row);
        judge_silence(row, bounds);
        // What a silent one said last is not what it does now.
        if (row.faults.empty()) {
            judge_content(row, ours);
            judge_box(row, bounds);
        }
    }
    judge_doubles(rows);
    return rows;
}

std::string spoken(std::chrono::seconds duration) {
    struct Unit {
        std::int64_t seconds;
        const char* name;
        std::int64_t least;
    };
    constexpr std::array<Unit, 4> kUnits{
        {{31'557'600, "y", 1}, {86'400, "d", 1}, {3'600, "h", 1}, {60, "min", 2}}};
    for (const auto& [seconds, name, least] : kUnits) {
        const auto count = (duration.count() + seconds / 2) / seconds; // rounded
        if (duration.count() >= least * seconds - (seconds > 60 ? seconds / 60 : 0))
            return fmt::format("{} {}", std::max(count, least), name);
    }
    return fmt::format("{} s", duration.count());
}

json to_json(const GateRow& row) {
    const auto& said = row.said;
    json object{{"gate", said.gate},
                {"kind", to_string(said.kind)},
                {"via", said.via},
                {"seen_s_ago", row.age.count() < 0
                                   ? json(nullptr)
                                   : json(std::chrono::duration<double>(row.age).count())},
                {"generation", row.generation},
                {"digest", to_hex(row.digest)},
                {"state", to_string(row.state())},
                {"state_text", row.text()},
                {"current", row.state() == GateState::current},
                {"error", row.error()},
                {"expired", false},
                {"instance", said.instance},
                {"version", said.version},
                {"saved", saved_of(speaker_of(said))},
                {"saved_generation", speaker_of(said).saved_generation},
                {"trust_version", speaker_of(said).trust_version},
                {"clock_offset_s", nullptr},
                {"systems", json::array()},
                {"counters", json::object()},
                {"schedules", json::array()},
                {"warnings", json::array()}};
    if (said.clock_offset)
        object["clock_offset_s"] = std::chrono::duration<double>(*said.clock_offset).count();
    if (said.report) {
        object["expired"] = said.report->expired;
        object["systems"] = systems_of(*said.report);
        object["counters"] = counters_of(*said.report);
        object["schedules"] = said.report->schedules;
        for (std::string_view warning : said.report->warnings) {
            if (warning.starts_with(kFaultWarning)) warning.remove_prefix(kFaultWarning.size());
            object["warnings"].push_back(warning);
        }
    }
    if (said.acknowledgement) object["applied_us"] = said.acknowledgement->applied_us;
    return object;
}

} // namespace sweepgate::controller
