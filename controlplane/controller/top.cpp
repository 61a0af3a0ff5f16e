// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/top.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "controlplane/controller/json.hpp"
#include "controlplane/controller/request_options.hpp"
#include "controlplane/controller/who.hpp"
#include "controlplane/controller/why.hpp"

namespace sweepgate::controller {

using nlohmann::json;
using wire::AdminReply;

namespace {

/// What of a talker the request tells apart.
Talker projected(const Talker& talker, TalkersBy by) {
    Talker row;
    row.packets = talker.packets;
    row.error = talker.error;
    if (by == TalkersBy::client || by == TalkersBy::all) row.client = talker.client;
    if (by == TalkersBy::system || by == TalkersBy::all) row.system = talker.system;
    if (by == TalkersBy::port || by == TalkersBy::all) {
        row.protocol = talker.protocol;
        row.port = talker.port;
    }
    return row;
}

/// A gate without rows knows its systems' counters all the same: they are exact as of its report.
void fill_from_report(TopAnswer& answer, const std::vector<wire::PeerState>& gates,
                      const TopRequest& request) {
    if (answer.error.empty() || request.query.minutes != 0) return;
    const auto gate = std::ranges::find(gates, answer.gate, &wire::PeerState::gate);
    if (gate == gates.end() || !gate->report) return;
    for (const auto& system : gate->report->systems) {
        const auto packets =
            system.dropped + system.rejected + system.monitored + system.limited + system.within;
        const auto of_class =
            request.only ? system.port_classes[static_cast<std::size_t>(*request.only)] : packets;
        if (of_class == 0) continue;
        answer.packets += of_class;
        if (request.by_gate || request.query.by == TalkersBy::system)
            answer.talkers.push_back({{}, system.system, 0, {}, of_class, 0});
    }
    std::ranges::stable_sort(answer.talkers, std::greater<>(), &Talker::packets);
    if (request.by_gate || request.query.by == TalkersBy::system) answer.error.clear();
}

json gate_row(const TopAnswer& answer, std::uint64_t all) {
    return {
        {"gate", answer.gate},
        {"kind", to_string(answer.kind)},
        {"answered", true},
        {"packets", answer.packets},
        {"share", all > 0 ? static_cast<double>(answer.packets) / static_cast<double>(all) : 0.0},
        {"error", answer.error}};
}

/// How many of the rows that were cut off are as large as the last one that was not.
std::size_t ties(const TopAnswer& whole, std::size_t most) {
    if (whole.talkers.size() <= most || most == 0) return 0;
    const auto last = whole.talkers[most - 1].packets;
    return static_cast<std::size_t>(std::count_if(
        whole.talkers.begin() + static_cast<std::ptrdiff_t>(most), whole.talkers.end(),
        [&](const Talker& talker) { return talker.packets == last; }));
}

} // namespace

Result<TopRequest> parse_top_request(std::string_view text, std::string_view only) {
    TopRequest request;
    constexpr std::string_view kGate = "gate";
    std::string query(text);
    if (text == kGate || text.starts_with("gate ")) {
        request.by_gate = true;
        query = "system" + query.substr(kGate.size());
    }
    const auto parsed = parse_top_query(query);
    if (!parsed) return tl::unexpected(parsed.error());
    request.query = *parsed;
    if (only.empty()) return request;
    const auto port_class = parse_port_class(only);
    if (!port_class) return within("the class", port_class.error());
    request.only = *port_class;
    return request;
}

TopQuery question_of(const TopRequest& request) {
    // Each gate names as many as it can, so that the sum over gates is told well.
    return {request.only ? TalkersBy::all : request.query.by, kMostTalkers, request.query.minutes};
}

TopAnswer only_class(const TopAnswer& answer, const std::vector<System>& systems,
                     const TopRequest& request, std::uint64_t& hidden) {
    TopAnswer found{answer.gate, answer.kind, 0, 0, {}, answer.error};
    std::map<
        std::tuple<std::optional<Prefix>, std::string, std::uint8_t, std::optional<std::uint16_t>>,
        Talker>
        rows;
    std::uint64_t named = 0;
    for (const auto& talker : answer.talkers) {
        named += talker.packets - talker.error;
        const auto system = std::ranges::find(systems, talker.system, &System::id);
        // Of a system that the policy no longer has nobody knows the ports any more.
        if (system == systems.end() ||
            port_class_of(*system, talker.protocol, talker.port) != *request.only)
            continue;
        const auto row = projected(talker, request.by_gate ? TalkersBy::system : request.query.by);
        auto& sum = rows[{row.client, row.system, row.protocol, row.port}];
        const auto packets = sum.packets + row.packets;
        const auto error = sum.error + row.error;
        sum = row;
        sum.packets = packets;
        sum.error = error;
    }
    for (auto& [key, row] : rows) {
        found.packets += row.packets;
        found.talkers.push_back(std::move(row));
    }
    std::ranges::stable_sort(found.talkers, std::greater<>(), &Talker::packets);
    hidden += answer.packets - std::min(answer.packets, named);
    return found;
}

json top_json(const TopRequest& request, std::vector<TopAnswer> answers,
              const std::vector<wire::PeerState>& gates, const std::vector<System>& systems) {
    std::uint64_t hidden = 0;
    if (request.only)
        for (auto& answer : answers)
            if (answer.error.empty()) answer = only_class(answer, systems, request, hidden);
    for (auto& answer : answers) fill_from_report(answer, gates, request);

    const auto whole = merged(answers, kMostTalkers * std::max<std::size_t>(answers.size(), 1));
    auto object = to_json(request.query, answers);
    object["by"] = request.by_gate ? std::string_view("gate") : to_string(request.query.by);
    if (request.by_gate) object["talkers"] = json::array();
    object["class"] = request.only ? json(to_string(*request.only)) : json(nullptr);
    object["hidden"] = hidden;
    const auto shown =
        request.by_gate ? 0 : std::min<std::size_t>(request.query.most, whole.talkers.size());
    object["left_out"] = request.by_gate ? 0 : whole.talkers.size() - shown;
    object["ties"] = request.by_gate ? 0 : ties(whole, request.query.most);
    std::ranges::stable_sort(answers, std::greater<>(), &TopAnswer::packets);
    object["gates"] =
        list_of(answers, [&](const TopAnswer& answer) { return gate_row(answer, whole.packets); });
    object["answered"] = answers.size();
    const auto missing = unheard(gates, answers);
    object["expected"] = answers.size() + missing.size();
    for (const auto& row : missing) object["gates"].push_back(row);
    return object;
}

AdminReply top(const Controller& controller, const Surroundings& surroundings,
               const wire::AdminRequest& request) {
    const auto options = RequestOptions::read(request, {}, {"class"});
    if (!options) return AdminReply::fault(options.error());
    const auto asked = parse_top_request(request.argument, options->text("class"));
    if (!asked) return AdminReply::fault(asked.error());
    const auto answers = surroundings.top(question_of(*asked));
    if (!answers) return AdminReply::fault(answers.error());
    const auto view = controller.view();
    static const std::vector<System> kNone;
    return ok(top_json(*asked, *answers, surroundings.gates(),
                       view.snapshot ? view.snapshot->rules.systems : kNone));
}

} // namespace sweepgate::controller
