// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/inspect.hpp"

#include <algorithm>
#include <map>

#include "controlplane/nftables/compile.hpp"
#include "controlplane/nftables/transition.hpp"

namespace sweepgate::nftables {

namespace {

Action most_severe(const Ruleset& rules, const AddressClass& address_class) {
    auto action = Action::pass;
    for (const auto system : address_class.systems)
        action = std::max(action, rules.actions[kEveryone][system]);
    return action;
}

Result<std::optional<Found>> find(Socket& socket, const std::string& table, const Loaded& loaded,
                                  const std::string& set, const Address& address) {
    if (std::find(loaded.sets.begin(), loaded.sets.end(), set) == loaded.sets.end())
        return std::optional<Found>{};
    return look_up(socket, table, set, address);
}

Result<std::optional<ClassIndex>> class_at(Socket& socket, const std::string& table,
                                           const Loaded& loaded, const std::string& tag,
                                           const Address& address) {
    for (const auto shape : {Shape::hosts, Shape::ranges}) {
        const auto found =
            find(socket, table, loaded, class_map(tag, shape, address.family), address);
        if (!found) return tl::unexpected(found.error());
        if (*found) return (*found)->address_class;
    }
    return std::optional<ClassIndex>{};
}

void name_class(const std::optional<BuiltRules>& built, const Receipt& receipt, ClassIndex index,
                ProbeAnswer& answer) {
    answer.listed = true;
    if (!built || built->receipt != receipt || index >= built->rules.classes.size()) {
        answer.error = "generation " + std::to_string(receipt.generation) +
                       " was not applied by this process: its systems have no names here";
        return;
    }
    const auto& rules = built->rules;
    const auto& address_class = rules.classes[index];
    answer.scope = address_class.scope;
    answer.action = most_severe(rules, address_class);
    for (const auto system : address_class.systems)
        answer.systems.push_back(rules.systems[system].id);
}

} // namespace

Result<ProbeAnswer> probe(Socket& socket, const GateOptions& options,
                          const std::optional<BuiltRules>& built, const Address& address) {
    ProbeAnswer answer;
    answer.kind = GateKind::nftables;
    const auto state = read_table(socket, options.table);
    if (!state) return tl::unexpected(state.error());
    const auto tag = in_force(*state, options.output);
    if (!tag) {
        answer.error = "no generation is in force";
        return answer;
    }
    const auto& loaded = state->generations.at(*tag);
    answer.generation = loaded.receipt->generation;
    if (loaded.receipt->layout != kLayout) {
        answer.error = "generation " + std::to_string(answer.generation) +
                       " was built by another version of this program: apply it again";
        return answer;
    }
    const auto allowed =
        find(socket, options.table, loaded, allow_set(*tag, address.family), address);
    if (!allowed) return tl::unexpected(allowed.error());
    answer.allowed = allowed->has_value();
    const auto index = class_at(socket, options.table, loaded, *tag, address);
    if (!index) return tl::unexpected(index.error());
    if (*index) name_class(built, *loaded.receipt, **index, answer);
    if (answer.allowed) answer.action = Action::pass;
    return answer;
}

Result<std::vector<SystemCounter>> read_system_counters(Socket& socket, const std::string& table) {
    const auto packets = read_counters(socket, table);
    if (!packets) return tl::unexpected(packets.error());
    std::map<std::string, SystemCounter> systems;
    for (const auto& [name, count] : *packets) {
        const auto key = counter_key(name);
        if (!key || count == 0) continue;
        auto& counter = systems[key->system];
        counter.system = key->system;
        if (key->action == Action::drop) counter.dropped = count;
        if (key->action == Action::reject) counter.rejected = count;
        if (key->action == Action::monitor) counter.monitored = count;
        if (key->action == Action::limit) (key->within ? counter.within : counter.limited) = count;
    }
    std::vector<SystemCounter> listed;
    for (auto& [id, counter] : systems) listed.push_back(std::move(counter));
    return listed;
}

std::vector<SystemCounter> summed(std::vector<SystemCounter> counters,
                                  const std::vector<SystemCounter>& more) {
    std::map<std::string, SystemCounter> systems;
    for (auto& counter : counters) systems.emplace(counter.system, std::move(counter));
    for (const auto& counter : more) {
        const auto [at, is_new] = systems.emplace(counter.system, counter);
        if (is_new) continue;
        auto& total = at->second;
        total.dropped += counter.dropped;
        total.rejected += counter.rejected;
        total.monitored += counter.monitored;
        total.limited += counter.limited;
        total.within += counter.within;
    }
    counters.clear();
    for (auto& [id, counter] : systems) counters.push_back(std::move(counter));
    return counters;
}

} // namespace sweepgate::nftables
