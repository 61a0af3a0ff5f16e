// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/why.hpp"

#include "controlplane/controller/json.hpp"

namespace sweepgate::controller {

using nlohmann::json;
using wire::AdminReply;

namespace {

constexpr std::size_t kListed = 100;

json verdict_of(const Snapshot& snapshot, const Address& address) {
    json verdict{{"generation", snapshot.generation},
                 {"allowed", is_allowed(snapshot, address)},
                 {"listed", false},
                 {"systems", json::array()}};
    const auto* entry = find_entry(snapshot, address);
    if (entry == nullptr) return verdict;
    const auto& rules = snapshot.rules;
    const auto& address_class = rules.classes[entry->address_class];
    verdict["listed"] = true;
    verdict["prefix"] = to_string(entry->prefix);
    verdict["scope"] = address_class.scope == Scope::exclusive ? "exclusive" : "shared";
    for (const auto system : address_class.systems) {
        json groups = json::object();
        for (std::size_t group = 0; group < rules.groups.size(); ++group)
            groups[rules.groups[group].name] = to_string(rules.actions[group][system]);
        json schedules = json::array();
        for (const auto& schedule : rules.schedules)
            if (auto said = actions_of(rules, schedule, system); !said.empty())
                schedules.push_back({{"name", schedule.name},
                                     {"hours", hours_text(schedule)},
                                     {"action", std::move(said)}});
        verdict["systems"].push_back({{"id", rules.systems[system].id},
                                      {"name", rules.systems[system].name},
                                      {"action", groups},
                                      {"schedules", std::move(schedules)}});
    }
    return verdict;
}

/// The names that have these addresses: how they fare, and how much of each is seen.
Result<json> names_of(const Controller& controller, const std::vector<BookEntry>& entries) {
    std::set<std::string> hostnames;
    for (const auto& entry : entries)
        if (hostnames.size() < kListed) hostnames.insert(entry.name.hostname);
    const auto names = controller.name_states(hostnames);
    if (!names) return tl::unexpected(names.error());
    return list_of(*names, [](const auto& each) { return to_json(each); });
}

} // namespace

AdminReply why(Controller& controller, const Surroundings& surroundings,
               const std::string& argument) {
    const auto address = parse_address(argument);
    if (!address) return AdminReply::fault(address.error());
    const auto view = controller.view();
    const auto sightings = controller.history(*address);
    if (!sightings) return AdminReply::fault(sightings.error());

    json object{{"address", to_string(*address)}};
    object["verdict"] = view.snapshot ? verdict_of(*view.snapshot, *address) : json(nullptr);
    object["sightings"] = list_of(*sightings, [](const auto& entry) { return to_json(entry); });
    auto names = names_of(controller, *sightings);
    if (!names) return AdminReply::fault(names.error());
    object["names"] = std::move(*names);
    object["judgements"] = json::array();
    if (view.plan)
        for (const auto& judgement : view.plan->judgements)
            if (judgement.prefix.contains(*address))
                object["judgements"].push_back(to_json(judgement));
    object["gates"] = json::array();
    if (const auto answers = surroundings.probe(*address))
        object["gates"] = list_of(*answers, [](const auto& each) { return to_json(each); });
    return ok(object);
}

} // namespace sweepgate::controller
