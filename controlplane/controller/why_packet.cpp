// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/why_packet.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "controlplane/controller/number.hpp"
#include "controlplane/model/judge.hpp"

namespace sweepgate::controller {

namespace {

using nlohmann::json;

constexpr std::size_t kMostPorts = 16; // of a system's own, when none was asked for
constexpr std::array kTransports = {Transport::tcp, Transport::udp, Transport::sctp};

/// One kind of packet. Without a port it is one whose port is nobody's.
struct Kind {
    std::uint8_t protocol = static_cast<std::uint8_t>(Transport::tcp);
    std::optional<std::uint16_t> port;
    std::string words; // "port 6667/tcp", "every port", "any other port"
};

std::string port_words(std::uint8_t protocol, std::uint16_t port) {
    return fmt::format("port {}/{}", port, to_string(static_cast<Transport>(protocol)));
}

Status read_port(const std::string& text, PacketQuestion& question) {
    const auto slash = std::min(text.find('/'), text.size());
    const auto port = number_from(std::string_view(text).substr(0, slash));
    const auto protocol = std::string_view(text).substr(std::min(slash + 1, text.size()));
    const auto transport = std::ranges::find_if(
        kTransports, [&](Transport each) { return to_string(each) == protocol; });
    const bool wrong_protocol = slash < text.size() && transport == kTransports.end();
    if (!port || *port > 65'535 || wrong_protocol)
        return fail(Errc::bad_input,
                    "'" + text.substr(0, 40) + "' is no port like 6667, 6667/tcp or 53/udp");
    question.port = static_cast<std::uint16_t>(*port);
    if (slash < text.size()) question.protocol = static_cast<std::uint8_t>(*transport);
    return {};
}

/// The own ports of the systems that share the address, each range by its first port.
std::vector<Kind> own_ports(const Ruleset& rules, const AddressClass& address_class) {
    std::vector<Kind> kinds;
    for (const auto system : address_class.systems)
        for (const auto& range : rules.systems[system].ports) {
            if (kinds.size() == kMostPorts) return kinds;
            const auto protocol = static_cast<std::uint8_t>(range.transport);
            auto words = port_words(protocol, range.first);
            if (range.last > range.first)
                words = fmt::format("ports {}-{}/{}", range.first, range.last,
                                    to_string(range.transport));
            kinds.push_back({protocol, range.first, std::move(words)});
        }
    return kinds;
}

std::vector<Kind> kinds_of(const Snapshot& snapshot, const Address& server,
                           const PacketQuestion& question) {
    std::vector<Kind> kinds;
    if (question.port) {
        for (const auto transport : {Transport::tcp, Transport::udp})
            kinds.push_back({static_cast<std::uint8_t>(transport), question.port, {}});
        if (question.protocol) kinds = {{*question.protocol, question.port, {}}};
        for (auto& kind : kinds) kind.words = port_words(kind.protocol, *question.port);
        return kinds;
    }
    const auto* entry = find_entry(snapshot, server);
    if (entry == nullptr || snapshot.rules.classes[entry->address_class].scope == Scope::exclusive)
        return {{static_cast<std::uint8_t>(Transport::tcp), {}, "every port"}};
    kinds = own_ports(snapshot.rules, snapshot.rules.classes[entry->address_class]);
    kinds.push_back({static_cast<std::uint8_t>(Transport::tcp), {}, "any other port"});
    return kinds;
}

std::string action_words(const Ruleset& rules, const Decision& decision) {
    if (decision.allowed) return "pass, allowed before everything else";
    if (decision.system == kNoSystem) return "pass";
    const auto& system = rules.systems[decision.system];
    auto words = fmt::format("{} ({})", to_string(decision.action), system.id);
    if (decision.action == Action::limit)
        words += fmt::format(", at most {} packets/s at each gate", system.packets_per_second);
    return words;
}

} // namespace

Result<std::optional<PacketQuestion>> read_packet(const RequestOptions& options) {
    const auto client = options.text("for");
    const auto port = options.text("port");
    const auto at = options.text("at");
    if (client.empty() && port.empty() && at.empty()) return std::optional<PacketQuestion>{};
    PacketQuestion question;
    if (!client.empty()) {
        const auto address = parse_address(client);
        if (!address) return within("the client", address.error());
        question.client = *address;
    }
    if (!port.empty())
        if (const auto read = read_port(port, question); !read) return tl::unexpected(read.error());
    if (!at.empty() && at != "now") {
        question.at = week_minute_from(at);
        if (!question.at)
            return fail(Errc::bad_input, "'" + at.substr(0, 40) + "' is no time like 'mon 12:30'");
    }
    return std::optional(question);
}

Result<json> packets_of(const Snapshot& snapshot, const Address& server,
                        const PacketQuestion& question, const CivilTimes& now) {
    const auto client = question.client.value_or(Address{server.family, 0});
    if (client.family != server.family)
        return fail(Errc::bad_input, fmt::format("no packet goes from {} to {}: they are of two "
                                                 "families",
                                                 to_string(client), to_string(server)));
    const auto times = question.at ? CivilTimes{*question.at, *question.at} : now;
    const auto in_force = schedules_at(snapshot.rules, times);
    const auto judged = snapshot_under(snapshot, in_force);
    const auto& group = snapshot.rules.groups[group_of(snapshot.rules, client)].name;
    const auto schedules = names_of(snapshot.rules, in_force);

    auto packets = json::array();
    for (const auto& kind : kinds_of(snapshot, server, question)) {
        Flow flow{client, server, kind.protocol, {}};
        if (kind.port) flow.ports = Ports{0, *kind.port};
        const auto decision = judge(judged, flow);
        const auto from = question.client ? fmt::format("{} (group {})", to_string(client), group)
                                          : fmt::format("a client of group {}", group);
        const auto when = question.at ? " at " + to_text(*question.at) : std::string(" now");
        auto text = fmt::format("from {} to {}, {},{}: {}", from, to_string(server), kind.words,
                                when, action_words(snapshot.rules, decision));
        if (!schedules.empty())
            text += fmt::format("; in force then: {}", fmt::join(schedules, ", "));
        packets.push_back({{"client", question.client ? json(to_string(client)) : json(nullptr)},
                           {"group", group},
                           {"protocol", to_string(static_cast<Transport>(kind.protocol))},
                           {"port", kind.port ? json(*kind.port) : json(nullptr)},
                           {"at", question.at ? json(to_text(*question.at)) : json(nullptr)},
                           {"schedules", schedules},
                           {"action", to_string(decision.action)},
                           {"system", decision.system == kNoSystem
                                          ? json(nullptr)
                                          : json(snapshot.rules.systems[decision.system].id)},
                           {"allowed", decision.allowed},
                           {"text", std::move(text)}});
    }
    return packets;
}

} // namespace sweepgate::controller
