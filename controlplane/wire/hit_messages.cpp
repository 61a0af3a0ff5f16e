// SPDX-License-Identifier: Apache-2.0
// Who was hit, to and from the wire.
#include "controlplane/wire/messages.hpp"
#include "controlplane/wire/payload.hpp"

namespace sweepgate::wire {

namespace {

/// Unknown systems have this name; every other is a system's id.
bool is_named(const std::string& system) { return system == "?" || is_system_id(system); }

template <typename Message>
void set_client(const std::optional<Prefix>& client, Message& to) {
    if (!client) return;
    to.set_client(to_wire_bytes(client->address));
    to.set_client_bits(client->length);
}

/// False unless it is absent, or a prefix without host bits.
template <typename Message>
bool read_client(const Message& from, std::optional<Prefix>& client) {
    if (from.client().empty()) return from.client_bits() == 0;
    const auto address = address_from_wire(from.client());
    if (!address || from.client_bits() > width(address->family)) return false;
    client = Prefix{*address, static_cast<std::uint8_t>(from.client_bits())};
    return (address->value & client->host_mask()) == 0;
}

template <typename Message>
void set_port(std::uint8_t protocol, const std::optional<std::uint16_t>& port, Message& to) {
    to.set_protocol(protocol);
    to.set_port(port ? 1U + *port : 0U);
}

template <typename Message>
bool read_port(const Message& from, std::uint8_t& protocol, std::optional<std::uint16_t>& port) {
    if (from.protocol() > 0xFF || from.port() > 0x10000) return false;
    protocol = static_cast<std::uint8_t>(from.protocol());
    if (from.port() > 0) port = static_cast<std::uint16_t>(from.port() - 1);
    return true;
}

} // namespace

void encode(const TopQuery& from, std::uint64_t id, proto::TopQuery& to) {
    to.set_id(id);
    to.set_by(static_cast<std::uint32_t>(from.by));
    to.set_most(from.most);
    to.set_minutes(from.minutes);
}

std::optional<TopQuery> decode(const proto::TopQuery& from) {
    if (from.by() > 255 || to_string(static_cast<TalkersBy>(from.by())) == "unknown" ||
        from.most() == 0 || from.most() > kMostTalkers || from.minutes() > kMostMinutes)
        return std::nullopt;
    return TopQuery{static_cast<TalkersBy>(from.by()), from.most(), from.minutes()};
}

void encode(const TopAnswer& from, std::uint64_t id, proto::TopAnswer& to) {
    to.set_id(id);
    to.set_gate(from.gate);
    to.set_kind(static_cast<std::uint32_t>(from.kind));
    to.set_packets(from.packets);
    to.set_floor(from.floor);
    to.set_error(from.error.substr(0, kMaxErrorText));
    for (const auto& talker : from.talkers) {
        auto* row = to.add_talkers();
        set_client(talker.client, *row);
        row->set_system(talker.system);
        set_port(talker.protocol, talker.port, *row);
        row->set_packets(talker.packets);
        row->set_error(talker.error);
    }
}

std::optional<TopAnswer> decode(const proto::TopAnswer& from) {
    if (!is_text(from.gate()) || !is_kind(from.kind()) || from.error().size() > kMaxErrorText ||
        static_cast<std::size_t>(from.talkers_size()) > kMostTalkers)
        return std::nullopt;
    TopAnswer to{from.gate(), static_cast<GateKind>(from.kind()), from.packets(), from.floor(), {},
                 from.error()};
    for (const auto& row : from.talkers()) {
        Talker talker;
        talker.system = row.system();
        talker.packets = row.packets();
        talker.error = row.error();
        if (!read_client(row, talker.client) || !read_port(row, talker.protocol, talker.port) ||
            (!talker.system.empty() && !is_named(talker.system)) || talker.error > talker.packets)
            return std::nullopt;
        to.talkers.push_back(std::move(talker));
    }
    return to;
}

void encode(const HitEvents& from, proto::HitEvents& to) {
    to.set_gate(from.gate);
    to.set_kind(static_cast<std::uint32_t>(from.kind));
    to.set_suppressed(from.suppressed);
    for (const auto& event : from.events) {
        auto* row = to.add_events();
        row->set_time_ms(event.time_ms);
        set_client(event.client, *row);
        row->set_system(event.system);
        set_port(event.protocol, event.port, *row);
        row->set_port_class(1U + static_cast<std::uint32_t>(event.port_class));
    }
}

std::optional<HitEvents> decode(const proto::HitEvents& from) {
    if (!is_text(from.gate()) || !is_kind(from.kind()) ||
        static_cast<std::size_t>(from.events_size()) > kMostEvents)
        return std::nullopt;
    // Year 9999: what is later cannot be shown as a date.
    constexpr std::uint64_t kLatest = 253'402'300'799'999;
    HitEvents to{from.gate(), static_cast<GateKind>(from.kind()), from.suppressed(), {}};
    for (const auto& row : from.events()) {
        HitEvent event;
        event.time_ms = row.time_ms();
        event.system = row.system();
        if (!read_client(row, event.client) || !read_port(row, event.protocol, event.port) ||
            !is_named(event.system) || row.port_class() == 0 || row.port_class() > kPortClasses ||
            event.time_ms > kLatest)
            return std::nullopt;
        event.port_class = static_cast<PortClass>(row.port_class() - 1);
        to.events.push_back(std::move(event));
    }
    return to;
}

} // namespace sweepgate::wire
