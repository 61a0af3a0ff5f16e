// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/tables.hpp"

namespace sweepgate::filter {

namespace {

Ruleset without_addresses(const Ruleset& rules, ScheduleSet schedules) {
    Ruleset kept;
    kept.systems = rules.systems;
    kept.classes = rules.classes;
    kept.actions = actions_under(rules, schedules);
    kept.inspect_tunnels = rules.inspect_tunnels;
    for (const auto& group : rules.groups) kept.groups.push_back({group.name, {}});
    return kept;
}

} // namespace

Result<std::unique_ptr<const Tables>> Tables::compile(const Snapshot& snapshot,
                                                      ScheduleSet schedules) {
    try {
        return compile(snapshot, std::make_shared<Arena>(), schedules);
    } catch (const std::bad_alloc&) {
        return fail(Errc::unavailable, "no address space for tables");
    }
}

Result<std::unique_ptr<const Tables>>
Tables::compile(const Snapshot& snapshot, std::shared_ptr<Arena> arena, ScheduleSet schedules) {
    if (auto ok = validate(snapshot.rules); !ok) return within("snapshot", ok.error());
    std::unique_ptr<Tables> tables(new Tables);
    arena->clear();
    try {
        const auto stretches4 = flatten_ipv4(snapshot);
        if (!stretches4) return within("snapshot", stretches4.error());
        tables->table4_ = Table4(*stretches4, *arena);
        const auto stretches6 = flatten_ipv6(snapshot);
        if (!stretches6) return within("snapshot", stretches6.error());
        tables->table6_ = Table6(*stretches6, *arena);
    } catch (const std::bad_alloc&) {
        return fail(Errc::unavailable, "no memory for tables of " +
                                           std::to_string(snapshot.entries.size()) + " prefixes");
    }
    tables->arena_ = std::move(arena);
    tables->groups_ = Groups(snapshot.rules.groups);
    tables->rules_ = without_addresses(snapshot.rules, schedules);
    tables->allows_any_ = !snapshot.rules.allow.empty();
    tables->generation_ = snapshot.generation;
    tables->expires_at_ = snapshot.expires_at;
    tables->precompute_decisions();
    return std::unique_ptr<const Tables>(std::move(tables));
}

void Tables::precompute_decisions() {
    const auto classes = rules_.classes.size();
    decisions_.resize(rules_.groups.size() * classes);
    for (std::size_t group = 0; group < rules_.groups.size(); ++group)
        for (std::size_t i = 0; i < classes; ++i)
            if (rules_.classes[i].scope == Scope::exclusive)
                decisions_[group * classes + i] = sweepgate::decide(
                    rules_, rules_.classes[i], static_cast<GroupIndex>(group), 0, std::nullopt);

    const auto at_both = [](Judgement judgement) {
        VerdictsForAll ends{judgement, judgement};
        ends[0].server = ServerEnd::source;
        ends[1].server = ServerEnd::destination;
        return ends;
    };
    Judgement depends;
    depends.is_inner = true;
    for_all_.assign(kFirstClass + classes, at_both(depends));
    for_all_[kAllowed] = at_both({Verdict::pass_allowed, kNoSystem});
    for (std::size_t i = 0; i < classes; ++i) {
        if (rules_.classes[i].scope != Scope::exclusive) continue;
        bool same = true;
        for (std::size_t group = 1; group < rules_.groups.size(); ++group)
            same = same && decisions_[group * classes + i] == decisions_[i];
        if (same) for_all_[kFirstClass + i] = at_both(to_judgement(decisions_[i]));
    }
}

ClassId Tables::lookup(const Address& address) const noexcept {
    return address.family == Family::ipv4
               ? table4_.lookup(static_cast<std::uint32_t>(address.value))
               : table6_.lookup(address.value);
}

Decision Tables::decide(ClassId id, const Address& client, std::uint8_t protocol,
                        std::optional<std::uint16_t> server_port) const noexcept {
    const auto index = static_cast<std::size_t>(id - kFirstClass);
    const auto& address_class = rules_.classes[index];
    const auto group = groups_.of(client);
    if (address_class.scope == Scope::exclusive)
        return decisions_[group * rules_.classes.size() + index];
    return sweepgate::decide(rules_, address_class, group, protocol, server_port);
}

ProbeAnswer Tables::probe(const Address& address) const {
    ProbeAnswer answer;
    answer.kind = GateKind::dpdk;
    answer.generation = generation_;
    const auto id = lookup(address);
    answer.allowed = id == kAllowed;
    answer.listed = id >= kFirstClass;
    if (!answer.listed) return answer;

    const auto& address_class = rules_.classes[static_cast<std::size_t>(id - kFirstClass)];
    answer.scope = address_class.scope;
    for (const auto system : address_class.systems) {
        answer.systems.push_back(rules_.systems[system].id);
        answer.action = std::max(answer.action, rules_.actions[kEveryone][system]);
    }
    return answer;
}

std::size_t Tables::memory_bytes() const {
    return table4_.memory_bytes() + table6_.memory_bytes() + groups_.memory_bytes() +
           decisions_.size() * sizeof(Decision);
}

} // namespace sweepgate::filter
