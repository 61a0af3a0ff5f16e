// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/why.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "controlplane/controller/gate_verbs.hpp"
#include "controlplane/controller/json.hpp"
#include "controlplane/controller/why_packet.hpp"
#include "controlplane/controller/why_prefix.hpp"
#include "controlplane/controller/why_standing.hpp"
#include "controlplane/guard/embedded.hpp"
#include "controlplane/model/name.hpp"
#include "controlplane/model/nearest.hpp"

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

WhyFacts facts_of(const View& view) { return {view.snapshot.get(), view.plan.get(), view.alarms}; }

/// What every answer about one address says of it.
json standing_json(const WhyFacts& facts, const Address& address) {
    const auto standing = standing_of(facts, address);
    json object{{"address", to_string(address)},
                {"standing", to_string(standing.standing)},
                {"summary", sentence_of(facts, address, standing)}};
    object["hold"] = nullptr;
    if (standing.hold != nullptr)
        object["hold"] = {{"system", standing.hold->system},
                          {"reason", standing.hold->reason},
                          {"refused_by", standing.hold->refused_by}};
    object["exceptions"] = list_of(standing.exceptions, [](const Exception* each) {
        return json{{"prefix", to_string(each->prefix)},
                    {"because", to_string(each->because)},
                    {"text", to_text(*each)}};
    });
    object["judgements"] = list_of(standing.judgements, [&](const Judgement* each) {
        auto judgement = to_json(*each);
        judgement["effect"] = effect_of(facts, standing, *each);
        return judgement;
    });
    return object;
}

/// An address in another form: what it stands for, and how that one stands.
void add_form(json& object, const View& view, const Address& asked) {
    const auto inner = embedded_ipv4(asked, view.policy.nat64);
    object["stands_for"] = nullptr;
    if (!inner) return;
    auto form = standing_json(facts_of(view), inner->ipv4);
    form["how"] = inner->how;
    object["stands_for"] = std::move(form);
}

/// Which gates leave a packet alone because of what stands in their own boxes' configuration.
std::string left_alone(const std::vector<wire::PeerState>& gates, const Address& server,
                       const std::optional<Address>& client) {
    std::string words;
    for (const auto& gate : gates) {
        if (!gate.report) continue;
        for (std::string_view warning : gate.report->warnings) {
            if (!warning.starts_with(kUnjudgedWarning)) continue;
            const auto network = parse_prefix(warning.substr(kUnjudgedWarning.size()));
            if (network && (network->contains(server) || (client && network->contains(*client))))
                words += fmt::format("; but {} never judges {} (its management)", gate.gate,
                                     to_string(*network));
        }
    }
    return words;
}

Status add_packets(json& object, const View& view, const std::vector<wire::PeerState>& gates,
                   const Address& address, const std::optional<PacketQuestion>& question) {
    object["packets"] = json::array();
    if (!question || !view.snapshot) return {};
    auto packets = packets_of(*view.snapshot, address, *question, civil_times_now());
    if (!packets) return tl::unexpected(packets.error());
    const auto alone = left_alone(gates, address, question->client);
    for (auto& packet : *packets) packet["text"] = packet["text"].get<std::string>() + alone;
    object["packets"] = std::move(*packets);
    return {};
}

AdminReply why_address(Controller& controller, const Surroundings& surroundings, Address address,
                       const std::optional<PacketQuestion>& question) {
    const auto view = controller.view();
    const auto mapped = embedded_ipv4(address, {});
    json form = nullptr;
    if (mapped && mapped->how == "IPv4-mapped") {
        form = {{"asked", to_string(address)}, {"how", mapped->how}};
        address = mapped->ipv4;
    }
    auto object = standing_json(facts_of(view), address);
    object["form"] = std::move(form);
    add_form(object, view, address);
    object["verdict"] = view.snapshot ? verdict_of(*view.snapshot, address) : json(nullptr);
    if (const auto added = add_packets(object, view, surroundings.gates(), address, question);
        !added)
        return AdminReply::fault(added.error());
    const auto sightings = controller.history(address);
    if (!sightings) return AdminReply::fault(sightings.error());
    object["sightings"] = list_of(*sightings, [](const auto& entry) { return to_json(entry); });
    auto names = names_of(controller, *sightings);
    if (!names) return AdminReply::fault(names.error());
    object["names"] = std::move(*names);
    const auto answers = surroundings.probe(address);
    const auto heard = answers ? *answers : std::vector<ProbeAnswer>{};
    object["gates"] = list_of(heard, [](const auto& each) {
        auto row = to_json(each);
        row["answered"] = true;
        return row;
    });
    for (auto& row : unheard(surroundings.gates(), heard)) object["gates"].push_back(row);
    return ok(object);
}

AdminReply why_prefix(const Controller& controller, const Surroundings& surroundings,
                      const Prefix& prefix) {
    auto gates = surroundings.gates(); // before ours: what they hold was published by then
    const auto view = controller.view();
    auto object = parts_of(facts_of(view), prefix);
    object["gate_states"] = gate_rows(view, std::move(gates), controller.config());
    return ok(object);
}

AdminReply why_name(Controller& controller, const Surroundings& surroundings,
                    const std::string& hostname, const std::optional<PacketQuestion>& question) {
    auto gates = surroundings.gates();
    const auto entries = controller.history(hostname);
    if (!entries) return AdminReply::fault(entries.error());
    const auto states = controller.name_states({hostname});
    if (!states) return AdminReply::fault(states.error());
    if (entries->empty() && states->empty())
        return AdminReply::fault({Errc::not_found, why_unknown(controller, hostname)});
    const auto view = controller.view();
    std::map<Address, json> sightings; // of each address, by the systems that have the name
    for (const auto& entry : *entries) {
        auto& list = sightings[entry.address];
        if (list.is_null()) list = json::array();
        list.push_back(to_json(entry));
    }
    json object{{"hostname", hostname}, {"addresses", json::array()}};
    object["names"] = list_of(*states, [](const auto& each) { return to_json(each); });
    for (auto& [address, list] : sightings) {
        auto row = standing_json(facts_of(view), address);
        row["sightings"] = std::move(list);
        // A client of one family asks nothing of the other.
        const bool same =
            !question || !question->client || question->client->family == address.family;
        if (same)
            if (const auto added = add_packets(row, view, gates, address, question); !added)
                return AdminReply::fault(added.error());
        object["addresses"].push_back(std::move(row));
    }
    object["gate_states"] = gate_rows(view, std::move(gates), controller.config());
    return ok(object);
}

} // namespace

json unheard_row(const wire::PeerState& gate) {
    const auto silent = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now() - gate.last_seen);
    return {{"gate", gate.gate},
            {"kind", to_string(gate.kind)},
            {"answered", false},
            {"error", fmt::format("did not answer (last heard {} s ago)", silent.count())},
            {"seen_s_ago", silent.count()},
            {"generation", gate.report ? gate.report->generation : 0},
            {"action", nullptr}};
}

std::string why_unknown(const Controller& controller, const std::string& hostname) {
    std::set<std::string> asked;
    for (const auto& name : controller.names()) asked.insert(name.hostname);
    if (asked.contains(hostname)) return "not asked for yet";
    const std::vector<std::string> known(asked.begin(), asked.end());
    return "'" + hostname + "' is not among the names that are asked for" +
           did_you_mean(hostname, known);
}

AdminReply why(Controller& controller, const Surroundings& surroundings,
               const wire::AdminRequest& request) {
    const auto options = RequestOptions::read(request, {}, {"for", "port", "at"});
    if (!options) return AdminReply::fault(options.error());
    const auto question = read_packet(*options);
    if (!question) return AdminReply::fault(question.error());
    if (const auto address = parse_address(request.argument))
        return why_address(controller, surroundings, *address, *question);
    if (request.argument.find('/') != std::string::npos) {
        const auto prefix = parse_prefix(request.argument);
        if (!prefix) return AdminReply::fault(prefix.error());
        if (*question)
            return AdminReply::fault(
                {Errc::bad_input, "a packet goes to an address, not to " + request.argument});
        return why_prefix(controller, surroundings, *prefix);
    }
    const auto hostname = canonical_name(request.argument);
    if (!hostname) return AdminReply::fault(hostname.error());
    return why_name(controller, surroundings, *hostname, *question);
}

} // namespace sweepgate::controller
