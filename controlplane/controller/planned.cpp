// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/planned.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "controlplane/controller/changes.hpp"
#include "controlplane/controller/decision_verbs.hpp"
#include "controlplane/controller/json.hpp"
#include "controlplane/guard/translated.hpp"
#include "controlplane/model/timetable.hpp"
#include "controlplane/wire/base64.hpp"

namespace sweepgate::controller {

using nlohmann::json;
using wire::AdminReply;

namespace {

constexpr std::size_t kMaxChanges = 10'000; // lines of a plan's difference

/// "irc 203.0.113.7/32" for every prefix of every system: what people compare.
std::set<std::string> lines_of(const Snapshot& snapshot, std::span<const Prefix> nat64) {
    std::set<std::string> lines;
    for (const auto& entry : snapshot.entries)
        if (!is_translated(entry.prefix, nat64))
            for (const auto system : snapshot.rules.classes[entry.address_class].systems)
                lines.insert(snapshot.rules.systems[system].id + " " + to_string(entry.prefix));
    return lines;
}

json difference(const std::set<std::string>& from, const std::set<std::string>& to) {
    auto lines = json::array();
    for (const auto& line : to)
        if (!from.contains(line) && lines.size() < kMaxChanges) lines.push_back(line);
    return lines;
}

json actions_of(const Ruleset& rules, const ActionMatrix& matrix, std::size_t system) {
    json actions = json::object();
    for (std::size_t group = 0; group < rules.groups.size(); ++group)
        actions[rules.groups[group].name] = to_string(matrix[group][system]);
    return actions;
}

/// Null: what is in force does not know the system.
json actions_now(const Snapshot& now, const std::string& system) {
    const auto& systems = now.rules.systems;
    const auto found = std::ranges::find(systems, system, &System::id);
    if (found == systems.end()) return nullptr;
    return actions_of(now.rules, now.rules.actions,
                      static_cast<std::size_t>(found - systems.begin()));
}

json planned_systems(const Controller::Preview& preview, const ActionMatrix& matrix,
                     const Snapshot& now) {
    auto systems = json::array();
    const auto& rules = preview.snapshot.rules;
    const auto found = extents(preview.snapshot, preview.plan.nat64);
    for (std::size_t i = 0; i < rules.systems.size(); ++i) {
        systems.push_back({{"id", rules.systems[i].id},
                           {"name", rules.systems[i].name},
                           {"actions", actions_of(rules, matrix, i)},
                           {"actions_now", actions_now(now, rules.systems[i].id)},
                           {"packets_per_second", rules.systems[i].packets_per_second},
                           {"ipv4", found[i].ipv4},
                           {"ipv6", found[i].ipv6},
                           {"shared", found[i].shared},
                           {"held", held_reason(&preview.plan, rules.systems[i].id)}});
    }
    return systems;
}

json at_json(const Ruleset& rules, WeekMinute minute) {
    const CivilTimes times{minute, minute};
    json object{{"time", to_text(minute)},
                {"schedules", names_of(rules, schedules_at(rules, times))},
                {"next_change", nullptr}};
    if (const auto wait = minutes_until_change(rules, times))
        object["next_change"] =
            to_text(static_cast<WeekMinute>((minute + *wait) % kMinutesPerWeek));
    return object;
}

} // namespace

AdminReply plan(const Controller& controller, const std::string& policy_text,
                std::optional<WeekMinute> at) {
    const auto preview = controller.preview(policy_text);
    if (!preview) return AdminReply::fault(preview.error());
    const auto view = controller.view();
    const auto& rules = preview->snapshot.rules;
    const auto in_force = at ? schedules_at(rules, {*at, *at}) : ScheduleSet{0};

    const auto now = view.snapshot ? *view.snapshot : Snapshot{};
    const auto& nat64 = preview->plan.nat64;
    json object{{"prefixes", count_untranslated(preview->snapshot, nat64)},
                {"digest", to_hex(digest_of(preview->snapshot))},
                {"systems", planned_systems(*preview, actions_under(rules, in_force), now)}};
    object["schedules"] =
        list_of(rules.schedules, [&](const auto& schedule) { return to_json(rules, schedule); });
    object["at"] = at ? at_json(rules, *at) : json(nullptr);
    object["allow"] = list_of(rules.allow, [](const auto& prefix) { return to_string(prefix); });
    object["inspect_tunnels"] = rules.inspect_tunnels;
    object["warnings"] = preview->policy.warnings; // of its lists
    object["refused"] =
        list_of(preview->plan.refused(), [](const auto& judgement) { return to_json(judgement); });
    const auto both = view.plan ? common_translations(view.plan->nat64, nat64) : nat64;
    const auto before = view.snapshot ? lines_of(*view.snapshot, both) : std::set<std::string>{};
    const auto after = lines_of(preview->snapshot, both);
    object["added"] = difference(before, after);
    object["removed"] = difference(after, before);
    object["holds"] = list_of(preview->plan.holds, [&](const Hold& hold) {
        return to_json(hold, names_in_book(controller));
    });
    object["changes"] = to_json(sweepgate::difference(
        now, preview->snapshot, names_in_book(controller), both, kMaxChanges,
        view.plan ? written_prefixes(view.plan->judgements) : WrittenPrefixes{},
        written_prefixes(preview->plan.judgements)));
    const auto reach = reach_of(now, preview->snapshot, both);
    object["reach"] = to_json(reach);
    object["asks"] =
        view.snapshot ? excesses(reach, view.policy.bounds) : std::vector<std::string>{};
    object["not_in_force"] = not_in_force(preview->plan);
    object["idle"] = idle_systems(view.catalog, preview->policy, preview->snapshot);
    object["generation"] = now.generation;
    object["policy"] = view.policy_number;
    object["same"] = view.snapshot && digest_of(now) == digest_of(preview->snapshot);
    return ok(object);
}

AdminReply plan_at(const Controller& controller, const std::string& argument) {
    const auto end = std::min(argument.find('\n'), argument.size());
    const auto at = week_minute_from(std::string_view(argument).substr(0, end));
    if (!at)
        return AdminReply::fault(
            {Errc::bad_input, "'" + argument.substr(0, std::min<std::size_t>(end, 40)) +
                                  "' is not a time like 'mon 12:30'"});
    return plan(controller, argument.substr(std::min(end + 1, argument.size())), at);
}

wire::AdminReply planned_snapshot(const Controller& controller, const std::string& policy_text) {
    const auto preview = controller.preview(policy_text);
    if (!preview) return wire::AdminReply::fault(preview.error());
    const auto key = wire::SigningKey::generate();
    const auto sealed = wire::seal_snapshot(preview->snapshot, key);
    if (!sealed) return wire::AdminReply::fault(sealed.error());
    if (sealed->size() > kMaxPlanned)
        return wire::AdminReply::fault(
            {Errc::bad_input, fmt::format("the planned snapshot has {} bytes, an answer holds {}",
                                          sealed->size(), kMaxPlanned)});
    const nlohmann::json object{
        {"generation", preview->snapshot.generation},
        {"digest", to_hex(digest_of(preview->snapshot))},
        {"prefixes", count_untranslated(preview->snapshot, preview->plan.nat64)},
        {"sealed", wire::to_base64(*sealed)},
        {"key", wire::to_line(key.verify_key())}};
    return wire::AdminReply::ok(object.dump());
}

} // namespace sweepgate::controller
