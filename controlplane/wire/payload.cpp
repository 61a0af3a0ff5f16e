// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/payload.hpp"

#include <google/protobuf/io/coded_stream.h>

#include "controlplane/wire/prefix_codec.hpp"

namespace sweepgate::wire {

namespace {

void encode_system(const System& system, proto::System& out) {
    out.set_id(system.id);
    out.set_name(system.name);
    out.set_category(system.category);
    for (const auto& range : system.ports) {
        auto* port = out.add_ports();
        port->set_transport(static_cast<std::uint32_t>(range.transport));
        port->set_first(range.first);
        port->set_last(range.last);
    }
    for (const auto& suffix : system.suffixes) out.add_suffixes(suffix);
    out.set_packets_per_second(system.packets_per_second);
}

void encode_schedule(const Schedule& schedule, proto::Schedule& out) {
    out.set_name(schedule.name);
    out.set_days(schedule.days);
    out.set_from(schedule.from);
    out.set_to(schedule.to);
    out.set_clock(static_cast<std::uint32_t>(schedule.clock));
    auto* actions = out.mutable_actions();
    for (const auto& row : schedule.actions)
        for (const auto& action : row)
            *actions += action ? static_cast<char>(code_of(*action)) : '\0';
}

Status encode_rules(const Ruleset& rules, proto::Ruleset& out) {
    for (const auto& system : rules.systems) encode_system(system, *out.add_systems());
    for (const auto& address_class : rules.classes) {
        auto* wire_class = out.add_classes();
        wire_class->set_scope(static_cast<std::uint32_t>(address_class.scope));
        for (const auto system : address_class.systems) wire_class->add_systems(system);
    }
    for (const auto& group : rules.groups) {
        if (!std::is_sorted(group.sources.begin(), group.sources.end()))
            return fail(Errc::bad_input, "group " + group.name + ": sources are not sorted");
        auto* wire_group = out.add_groups();
        wire_group->set_name(group.name);
        encode(group.sources, *wire_group->mutable_sources());
    }
    auto* actions = out.mutable_actions();
    for (const auto& row : rules.actions)
        for (const auto action : row) *actions += static_cast<char>(code_of(action));
    encode(rules.allow, *out.mutable_allow());
    out.set_inspect_tunnels(rules.inspect_tunnels);
    for (const auto& schedule : rules.schedules) encode_schedule(schedule, *out.add_schedules());
    return {};
}

Result<System> decode_system(const proto::System& in) {
    System system{in.id(), in.name(), in.category(), {}, {}};
    for (const auto& port : in.ports()) {
        if (port.transport() > 255 || port.first() > 65535 || port.last() > 65535)
            return fail(Errc::bad_input, "a port range of a system is out of range");
        system.ports.push_back({static_cast<Transport>(port.transport()),
                                static_cast<std::uint16_t>(port.first()),
                                static_cast<std::uint16_t>(port.last())});
    }
    system.suffixes.assign(in.suffixes().begin(), in.suffixes().end());
    system.packets_per_second = in.packets_per_second();
    return system;
}

Result<AddressClass> decode_class(const proto::AddressClass& in) {
    if (in.scope() != 1 && in.scope() != 2)
        return fail(Errc::bad_input, "unknown scope " + std::to_string(in.scope()));
    AddressClass address_class{{}, static_cast<Scope>(in.scope())};
    for (const auto system : in.systems()) {
        if (system >= kMaxSystems)
            return fail(Errc::bad_input, "class names system " + std::to_string(system));
        address_class.systems.push_back(static_cast<SystemIndex>(system));
    }
    return address_class;
}

/// One byte a cell, [group][system].
template <typename Cell, typename CellOf>
Result<std::vector<std::vector<Cell>>> decode_matrix(const std::string& in, const Ruleset& rules,
                                                     CellOf cell_of) {
    const auto columns = rules.systems.size();
    if (in.size() != rules.groups.size() * columns)
        return fail(Errc::bad_input, "the action matrix has " + std::to_string(in.size()) +
                                         " cells for " + std::to_string(rules.groups.size()) +
                                         " groups and " + std::to_string(columns) + " systems");
    auto cell = in.begin();
    std::vector<std::vector<Cell>> rows(rules.groups.size());
    for (auto& row : rows)
        for (std::size_t i = 0; i < columns; ++i) row.push_back(cell_of(*cell++));
    return rows;
}

Result<Schedule> decode_schedule(const proto::Schedule& in, const Ruleset& rules) {
    if (in.days() > kEveryDay || in.from() >= kMinutesPerDay || in.to() >= kMinutesPerDay ||
        in.clock() > 255)
        return fail(Errc::bad_input, "a schedule's days, hours or clock are out of range");
    auto actions = decode_matrix<std::optional<Action>>(in.actions(), rules, [](char cell) {
        return cell == 0 ? std::nullopt : std::optional(action_of(static_cast<std::uint8_t>(cell)));
    });
    if (!actions) return within("schedule", actions.error());
    return Schedule{in.name(),
                    static_cast<std::uint8_t>(in.days()),
                    static_cast<std::uint16_t>(in.from()),
                    static_cast<std::uint16_t>(in.to()),
                    static_cast<Clock>(in.clock()),
                    std::move(*actions)};
}

Status check_counts(const proto::Ruleset& in) {
    const auto over = [](int count, std::size_t limit) {
        return static_cast<std::size_t>(count) > limit;
    };
    bool too_many = over(in.systems_size(), kMaxSystems) || over(in.classes_size(), kMaxClasses) ||
                    over(in.groups_size(), kMaxGroups) || over(in.schedules_size(), kMaxSchedules);
    for (const auto& system : in.systems())
        too_many = too_many || over(system.ports_size(), kMaxPortsPerSystem) ||
                   over(system.suffixes_size(), kMaxSuffixesPerSystem);
    for (const auto& address_class : in.classes())
        too_many = too_many || over(address_class.systems_size(), kMaxSystems);
    if (too_many)
        return fail(Errc::bad_input, "too many systems, classes, groups, schedules or ports");
    return {};
}

Result<Ruleset> decode_rules(const proto::Ruleset& in) {
    if (auto ok = check_counts(in); !ok) return tl::unexpected(ok.error());
    Ruleset rules;
    for (const auto& wire_system : in.systems()) {
        auto system = decode_system(wire_system);
        if (!system) return tl::unexpected(system.error());
        rules.systems.push_back(std::move(*system));
    }
    for (const auto& wire_class : in.classes()) {
        auto address_class = decode_class(wire_class);
        if (!address_class) return tl::unexpected(address_class.error());
        rules.classes.push_back(std::move(*address_class));
    }
    for (const auto& wire_group : in.groups()) {
        auto sources = decode_prefixes(wire_group.sources(), kMaxSources);
        if (!sources) return within("group", sources.error());
        rules.groups.push_back({wire_group.name(), std::move(*sources)});
    }
    auto actions = decode_matrix<Action>(
        in.actions(), rules, [](char cell) { return action_of(static_cast<std::uint8_t>(cell)); });
    if (!actions) return tl::unexpected(actions.error());
    rules.actions = std::move(*actions);
    auto allow = decode_prefixes(in.allow(), kMaxAllow);
    if (!allow) return within("allow", allow.error());
    rules.allow = std::move(*allow);
    rules.inspect_tunnels = in.inspect_tunnels();
    for (const auto& wire_schedule : in.schedules()) {
        auto schedule = decode_schedule(wire_schedule, rules);
        if (!schedule) return tl::unexpected(schedule.error());
        rules.schedules.push_back(std::move(*schedule));
    }
    return rules;
}

} // namespace

bool parse_message(std::string_view bytes, google::protobuf::MessageLite& message) {
    constexpr int kNesting = 8;
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return false;
    google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                              static_cast<int>(bytes.size()));
    in.SetRecursionLimit(kNesting);
    return message.MergeFromCodedStream(&in) && in.ConsumedEntireMessage();
}

std::string serialize_message(const google::protobuf::MessageLite& message) {
    return message.SerializeAsString();
}

bool digest_from_bytes(std::string_view bytes, Digest& digest) {
    if (bytes.size() != digest.size()) return false;
    std::copy(bytes.begin(), bytes.end(), digest.begin());
    return true;
}

std::string to_wire_bytes(const Digest& digest) { return {digest.begin(), digest.end()}; }

Result<std::string> encode_payload(const Snapshot& snapshot) {
    proto::SnapshotPayload payload;
    if (auto ok = encode_rules(snapshot.rules, *payload.mutable_rules()); !ok)
        return tl::unexpected(ok.error());
    encode(snapshot.entries, *payload.mutable_entries());
    return serialize_message(payload);
}

Result<std::string> encode_payload(const Delta& delta) {
    proto::DeltaPayload payload;
    payload.set_base_digest(to_wire_bytes(delta.base_digest));
    if (delta.rules) {
        if (auto ok = encode_rules(*delta.rules, *payload.mutable_rules()); !ok)
            return tl::unexpected(ok.error());
    }
    encode(delta.removed, *payload.mutable_removed());
    encode(delta.added, *payload.mutable_added());
    return serialize_message(payload);
}

Result<Snapshot> decode_snapshot(std::string_view payload) {
    proto::SnapshotPayload message;
    if (!parse_message(payload, message))
        return fail(Errc::bad_input, "the payload is not a snapshot");
    auto rules = decode_rules(message.rules());
    if (!rules) return tl::unexpected(rules.error());
    auto entries = decode_entries(message.entries(), kMaxEntries);
    if (!entries) return within("entries", entries.error());
    return Snapshot{0, {}, {}, std::move(*rules), std::move(*entries)};
}

Result<Delta> decode_delta(std::string_view payload) {
    proto::DeltaPayload message;
    Delta delta;
    if (!parse_message(payload, message) ||
        !digest_from_bytes(message.base_digest(), delta.base_digest))
        return fail(Errc::bad_input, "the payload is not a delta");
    if (message.has_rules()) {
        auto rules = decode_rules(message.rules());
        if (!rules) return tl::unexpected(rules.error());
        delta.rules = std::move(*rules);
    }
    auto removed = decode_prefixes(message.removed(), kMaxEntries);
    if (!removed) return within("removed", removed.error());
    auto added = decode_entries(message.added(), kMaxEntries);
    if (!added) return within("added", added.error());
    delta.removed = std::move(*removed);
    delta.added = std::move(*added);
    return delta;
}

} // namespace sweepgate::wire
