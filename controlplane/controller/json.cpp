// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/json.hpp"

#include "controlplane/controller/restored.hpp"
#include "controlplane/controller/who.hpp"
#include "controlplane/guard/translated.hpp"

#include <fmt/format.h>

namespace sweepgate::controller {

using nlohmann::json;

wire::AdminReply ok(const json& object) {
    return wire::AdminReply::ok(object.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::string held_reason(const SnapshotPlan* plan, const std::string& system) {
    if (plan != nullptr)
        for (const auto& hold : plan->holds)
            if (hold.system == system) return hold.reason;
    return {};
}

json to_json(Instant instant) {
    if (instant == Instant{}) return nullptr;
    return time_text(instant);
}

json to_json(const ProbeAnswer& answer) {
    json object{{"gate", answer.gate},       {"kind", to_string(answer.kind)},
                {"error", answer.error},     {"generation", answer.generation},
                {"listed", answer.listed},   {"allowed", answer.allowed},
                {"systems", answer.systems}, {"action", to_string(answer.action)}};
    object["scope"] = !answer.listed                     ? json(nullptr)
                      : answer.scope == Scope::exclusive ? json("exclusive")
                                                         : json("shared");
    return object;
}

json to_json(const BookEntry& entry) {
    return {{"address", to_string(entry.address)},
            {"hostname", entry.name.hostname},
            {"system", entry.name.system},
            {"role", to_string(entry.name.role)},
            {"chain", entry.chain},
            {"resolvers", entry.resolvers},
            {"first_seen", to_json(entry.first_seen)},
            {"last_seen", to_json(entry.last_seen)},
            {"count", entry.count},
            {"ttl", entry.ttl_last},
            {"in_force", entry.in_force},
            {"source", to_string(entry.source)},
            {"authenticated", entry.authenticated},
            {"vantages", entry.vantages},
            {"ttl_lowest", entry.ttl_lowest},
            {"absences", entry.absences},
            {"spans", list_of(entry.spans,
                              [](const SeenSpan& span) {
                                  return json{{"first_seen", to_json(span.first_seen)},
                                              {"last_seen", to_json(span.last_seen)}};
                              })},
            {"spans_forgotten", entry.spans_forgotten}};
}

json to_json(const Judgement& judgement) {
    return {{"prefix", to_string(judgement.prefix)},
            {"system", judgement.system},
            {"hostname", judgement.hostname},
            {"disposition", to_string(judgement.disposition)},
            {"reason", judgement.reason},
            {"refusal", to_string(judgement.refusal)},
            {"score", judgement.score},
            {"evidence", list_of(judgement.evidence,
                                 [](const Evidence& sign) {
                                     return json{{"points", sign.points}, {"words", sign.words}};
                                 })},
            {"source", to_string(judgement.origin.source)},
            {"origin", judgement.origin.place}};
}

json to_json(const Alarm& alarm) {
    return {{"kind", alarm.kind},           {"severity", to_string(alarm.severity)},
            {"system", alarm.system},       {"gate", alarm.gate},
            {"text", alarm.text},           {"since", to_json(alarm.since)},
            {"until", to_json(alarm.until)}};
}

json to_json(const Health& health) {
    return {{"verdict",
             health.verdict == Severity::info ? "ok" : std::string(to_string(health.verdict))},
            {"faults", health.faults}};
}

json to_json(const RoundSummary& round) {
    return {{"number", round.number},
            {"finished_at", to_json(round.finished_at)},
            {"seconds", round.seconds},
            {"questions", round.questions},
            {"outcomes", round.outcomes},
            {"error", round.error},
            {"silent_since", to_json(round.silent_since)}};
}

json to_json(const Cadence::Tally& tally) {
    return {{"questions", tally.tasks},
            {"failing", tally.failing},
            {"beyond_budget", tally.waiting},
            {"wanted_per_second", tally.wanted_per_second},
            {"budget_per_second", tally.budget_per_second},
            {"stretch", tally.stretch}};
}

json to_json(const Completeness& completeness) {
    const auto coverage = completeness.coverage();
    json object{{"draws", completeness.draws},
                {"seen", completeness.seen},
                {"estimated", completeness.estimated()},
                {"coverage", nullptr},
                {"text", ""}};
    if (!coverage) return object;
    object["coverage"] = *coverage;
    // Rounded down: 100 % is said only of a set whose every address came at least twice.
    object["text"] = fmt::format("\u2248{} % seen", static_cast<int>(*coverage * 100));
    return object;
}

json to_json(const NameState& name) {
    return {{"hostname", name.name.hostname},
            {"system", name.name.system},
            {"role", to_string(name.name.role)},
            {"type", name.type == Family::ipv4 ? "A" : "AAAA"},
            {"last_outcome", to_string(name.last_outcome)},
            {"failures", name.failures},
            {"last_asked", to_json(name.last_asked)},
            {"last_answered", to_json(name.last_answered)},
            {"last_changed", to_json(name.last_changed)},
            {"gone_since", to_json(name.gone_since)},
            {"evicted", name.evicted},
            {"completeness", to_json(name.completeness)}};
}

json actions_of(const Ruleset& rules, const Schedule& schedule, SystemIndex system) {
    auto actions = json::object();
    for (std::size_t group = 0; group < rules.groups.size(); ++group)
        if (const auto& action = schedule.actions[group][system])
            actions[rules.groups[group].name] = to_string(*action);
    return actions;
}

json to_json(const Ruleset& rules, const Schedule& schedule) {
    json object{
        {"name", schedule.name}, {"hours", hours_text(schedule)}, {"systems", json::object()}};
    for (std::size_t i = 0; i < rules.systems.size(); ++i)
        if (auto actions = actions_of(rules, schedule, static_cast<SystemIndex>(i));
            !actions.empty())
            object["systems"][rules.systems[i].id] = std::move(actions);
    return object;
}

std::vector<SystemExtent> extents(const Snapshot& snapshot, std::span<const Prefix> nat64) {
    std::vector<SystemExtent> found(snapshot.rules.systems.size());
    for (const auto& entry : snapshot.entries) {
        if (is_translated(entry.prefix, nat64)) continue;
        const auto& address_class = snapshot.rules.classes[entry.address_class];
        for (const auto system : address_class.systems) {
            auto& extent = found[system];
            ++(entry.prefix.address.family == Family::ipv4 ? extent.ipv4 : extent.ipv6);
            if (address_class.scope == Scope::shared) ++extent.shared;
        }
    }
    return found;
}

} // namespace sweepgate::controller
