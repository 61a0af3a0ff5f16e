// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/messages.hpp"

#include <algorithm>

#include "controlplane/wire/payload.hpp"

namespace sweepgate::wire {

namespace {

bool is_verb(const std::string& verb) {
    return !verb.empty() && verb.size() <= kMaxVerb &&
           verb.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

std::string shortened(const std::string& text) { return text.substr(0, kMaxErrorText); }

void encode(const Speaker& from, proto::Speaker& to) {
    to.set_instance(from.instance);
    to.set_version(from.version);
    to.set_clock_ms(from.clock_ms);
    to.set_saved(static_cast<std::uint32_t>(from.saved));
    to.set_saved_generation(from.saved_generation);
    to.set_refusal(shortened(from.refusal));
    to.set_trust_version(from.trust_version);
}

bool decode(const proto::Speaker& from, Speaker& to) {
    constexpr auto kMostSaved = static_cast<std::uint32_t>(Saved::keeps_nothing);
    if (from.instance().size() > kMaxInstance || from.version().size() > kMaxInstance ||
        from.saved() > kMostSaved || from.refusal().size() > kMaxErrorText)
        return false;
    to = {from.instance(),         from.version(),
          from.clock_ms(),         static_cast<Saved>(from.saved()),
          from.saved_generation(), from.refusal(),
          from.trust_version()};
    return true;
}

} // namespace

bool is_text(const std::string& text) { return !text.empty() && text.size() <= kMaxText; }

bool is_kind(std::uint32_t kind) {
    return kind <= 255 && to_string(static_cast<GateKind>(kind)) != "unknown";
}

void encode(const Acknowledgement& from, proto::Acknowledgement& to) {
    to.set_gate(from.gate);
    to.set_kind(static_cast<std::uint32_t>(from.kind));
    to.set_generation(from.generation);
    to.set_digest(to_wire_bytes(from.digest));
    to.set_error(shortened(from.error));
    to.set_applied_us(from.applied_us);
    encode(from.speaker, *to.mutable_speaker());
}

void encode(const GateReport& from, proto::GateReport& to) {
    to.set_gate(from.gate);
    to.set_kind(static_cast<std::uint32_t>(from.kind));
    to.set_generation(from.generation);
    to.set_digest(to_wire_bytes(from.digest));
    to.set_expired(from.expired);
    for (const auto& system : from.systems) {
        auto* counter = to.add_systems();
        counter->set_system(system.system);
        counter->set_dropped(system.dropped);
        counter->set_rejected(system.rejected);
        counter->set_monitored(system.monitored);
        for (const auto packets : system.port_classes) counter->add_port_classes(packets);
        counter->set_limited(system.limited);
        counter->set_within(system.within);
    }
    for (const auto& named : from.counters) {
        auto* counter = to.add_counters();
        counter->set_name(named.name);
        counter->set_packets(named.packets);
    }
    for (const auto& schedule : from.schedules) to.add_schedules(schedule);
    encode(from.speaker, *to.mutable_speaker());
    for (const auto& warning : from.warnings)
        if (static_cast<std::size_t>(to.warnings_size()) < kMaxWarnings && !warning.empty())
            to.add_warnings(warning.substr(0, kMaxText));
}

void encode(const Address& probed, const ProbeAnswer& from, proto::ProbeAnswer& to) {
    to.set_address(to_wire_bytes(probed));
    to.set_gate(from.gate);
    to.set_kind(static_cast<std::uint32_t>(from.kind));
    to.set_generation(from.generation);
    to.set_listed(from.listed);
    to.set_allowed(from.allowed);
    to.set_scope(from.listed ? static_cast<std::uint32_t>(from.scope) : 0);
    for (const auto& system : from.systems) to.add_systems(system);
    to.set_action(code_of(from.action));
    to.set_error(shortened(from.error));
}

std::optional<Acknowledgement> decode(const proto::Acknowledgement& from) {
    Acknowledgement to{from.gate(),
                       static_cast<GateKind>(from.kind()),
                       from.generation(),
                       {},
                       from.error(),
                       from.applied_us(),
                       {}};
    if (!decode(from.speaker(), to.speaker) || !is_text(to.gate) || !is_kind(from.kind()) ||
        to.error.size() > kMaxErrorText || !digest_from_bytes(from.digest(), to.digest))
        return std::nullopt;
    return to;
}

std::optional<GateReport> decode(const proto::GateReport& from) {
    GateReport to;
    to.gate = from.gate();
    to.kind = static_cast<GateKind>(from.kind());
    to.generation = from.generation();
    to.expired = from.expired();
    if (!is_text(to.gate) || !is_kind(from.kind()) ||
        !digest_from_bytes(from.digest(), to.digest) || !decode(from.speaker(), to.speaker) ||
        static_cast<std::size_t>(from.warnings_size()) > kMaxWarnings ||
        static_cast<std::size_t>(from.systems_size()) > kMaxSystems ||
        static_cast<std::size_t>(from.counters_size()) > kMaxNamedCounters ||
        static_cast<std::size_t>(from.schedules_size()) > kMaxSchedules)
        return std::nullopt;
    for (const auto& system : from.systems()) {
        const auto classes = static_cast<std::size_t>(system.port_classes_size());
        if (!is_system_id(system.system()) || (classes != 0 && classes != kPortClasses))
            return std::nullopt;
        auto& counter = to.systems.emplace_back(SystemCounter{system.system(),
                                                              system.dropped(),
                                                              system.rejected(),
                                                              system.monitored(),
                                                              system.limited(),
                                                              system.within(),
                                                              {}});
        std::copy(system.port_classes().begin(), system.port_classes().end(),
                  counter.port_classes.begin());
    }
    for (const auto& named : from.counters()) {
        if (!is_text(named.name())) return std::nullopt;
        to.counters.push_back({named.name(), named.packets()});
    }
    for (const auto& schedule : from.schedules()) {
        if (!is_system_id(schedule)) return std::nullopt;
        to.schedules.push_back(schedule);
    }
    for (const auto& warning : from.warnings()) {
        if (!is_text(warning)) return std::nullopt;
        to.warnings.push_back(warning);
    }
    return to;
}

std::optional<ProbeAnswer> decode(const proto::ProbeAnswer& from) {
    const bool scope_fits =
        from.listed() ? from.scope() == 1 || from.scope() == 2 : from.scope() == 0;
    if (!is_text(from.gate()) || !is_kind(from.kind()) || !scope_fits ||
        from.error().size() > kMaxErrorText || from.action() > 255 ||
        to_string(action_of(static_cast<std::uint8_t>(from.action()))) == "unknown" ||
        static_cast<std::size_t>(from.systems_size()) > kMaxSystems)
        return std::nullopt;
    ProbeAnswer to;
    to.gate = from.gate();
    to.kind = static_cast<GateKind>(from.kind());
    to.generation = from.generation();
    to.listed = from.listed();
    to.allowed = from.allowed();
    if (to.listed) to.scope = static_cast<Scope>(from.scope());
    for (const auto& system : from.systems()) {
        if (!is_system_id(system)) return std::nullopt;
        to.systems.push_back(system);
    }
    to.action = action_of(static_cast<std::uint8_t>(from.action()));
    to.error = from.error();
    return to;
}

void encode(const AdminRequest& from, std::uint64_t id, proto::AdminRequest& to) {
    to.set_id(id);
    to.set_verb(from.verb);
    to.set_argument(from.argument);
    to.set_options(from.options);
}

std::optional<AdminRequest> decode(const proto::AdminRequest& from) {
    if (!is_verb(from.verb()) || from.argument().size() > kMaxAdminArgument ||
        from.options().size() > kMaxAdminOptions)
        return std::nullopt;
    return AdminRequest{from.verb(), from.argument(), from.options()};
}

std::string to_wire_bytes(const Address& address) {
    const auto bytes = to_bytes(address);
    return {bytes.begin(), bytes.begin() + width_bytes(address.family)};
}

std::optional<Address> address_from_wire(const std::string& bytes) {
    const auto address =
        address_from_bytes({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    return address ? std::optional(*address) : std::nullopt;
}

} // namespace sweepgate::wire
