// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/events.hpp"

#include <algorithm>
#include <ctime>

#include "controlplane/controller/json.hpp"
#include "controlplane/controller/number.hpp"
#include "controlplane/controller/who.hpp"
#include "controlplane/model/port_class.hpp"

namespace sweepgate::controller {

namespace {

using nlohmann::json;
using wire::AdminReply;

/// Of this program, and so of its memory.
const Instant kStarted = now();

std::optional<Instant> rfc3339(const std::string& text) {
    std::tm parts{};
    const auto* end = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (end == nullptr || end != text.c_str() + text.size()) return std::nullopt;
    return Instant(std::chrono::seconds(timegm(&parts)));
}

std::optional<std::chrono::seconds> unit_of(std::string_view word) {
    if (word == "s") return std::chrono::seconds(1);
    if (word == "m" || word == "min") return std::chrono::minutes(1);
    if (word == "h") return std::chrono::hours(1);
    if (word == "d") return std::chrono::hours(24);
    return std::nullopt;
}

Result<Instant> read_since(const std::string& text, Instant now) {
    if (const auto time = rfc3339(text)) return *time;
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto amount = number_from(std::string_view(text).substr(0, digits));
    const auto unit = unit_of(std::string_view(text).substr(digits));
    constexpr std::uint64_t kMost = 1'000'000;
    if (!amount || *amount > kMost || !unit)
        return fail(Errc::bad_input, "'" + text.substr(0, 40) +
                                         "' is no time like 10m, 2h, 1d or 2026-11-30T19:31:00Z");
    return now - *unit * static_cast<std::int64_t>(*amount);
}

Result<Prefix> read_client(const std::string& text) {
    if (const auto address = parse_address(text)) return host(*address);
    return parse_prefix(text);
}

} // namespace

bool EventFilter::is_empty() const {
    return !client && system.empty() && !only && since == Instant{};
}

bool EventFilter::takes(const GateEvent& said) const {
    const auto& event = said.event;
    if (client && !(event.client && client->contains(*event.client))) return false;
    if (!system.empty() && event.system != system) return false;
    if (only && event.port_class != *only) return false;
    const auto seconds = std::chrono::seconds(static_cast<std::int64_t>(event.time_ms / 1000));
    return since == Instant{} || Instant(seconds) >= since;
}

Result<EventFilter> read_event_filter(const RequestOptions& options, Instant now) {
    EventFilter filter;
    filter.system = options.text("system");
    if (const auto text = options.text("client"); !text.empty()) {
        const auto client = read_client(text);
        if (!client) return within("the client", client.error());
        filter.client = *client;
    }
    if (const auto text = options.text("class"); !text.empty()) {
        const auto only = parse_port_class(text);
        if (!only) return within("the class", only.error());
        filter.only = *only;
    }
    if (const auto text = options.text("since"); !text.empty()) {
        const auto since = read_since(text, now);
        if (!since) return tl::unexpected(since.error());
        filter.since = *since;
    }
    return filter;
}

std::vector<GateEvent> wanted_events(std::vector<GateEvent> newest_first, const EventFilter& filter,
                                     std::size_t most) {
    std::erase_if(newest_first, [&](const GateEvent& said) { return !filter.takes(said); });
    if (newest_first.size() > most) newest_first.resize(most);
    std::ranges::reverse(newest_first);
    return newest_first;
}

AdminReply events(const Controller& controller, const Surroundings& surroundings,
                  const wire::AdminRequest& request) {
    const auto options = RequestOptions::read(request, {}, {"client", "system", "class", "since"});
    if (!options) return AdminReply::fault(options.error());
    const auto filter = read_event_filter(*options, now());
    if (!filter) return AdminReply::fault(filter.error());
    const auto most =
        parse_number(request.argument.empty() ? "100" : request.argument, 1, kKeptEvents);
    if (!most) return AdminReply::fault(most.error());
    const auto wanted = wanted_events(surroundings.events->newest(kKeptEvents), *filter, *most);
    json object{{"events", list_of(wanted, [](const auto& each) { return to_json(each); })},
                {"suppressed", surroundings.events->suppressed()},
                {"started", to_json(kStarted)},
                {"filtered", !filter->is_empty()},
                {"alarms", json::array()}};
    // Alarms are of systems and of time; of clients and classes they say nothing.
    auto raised = controller.alarm_board().newest(*most);
    std::ranges::reverse(raised);
    if (!filter->client && !filter->only)
        for (const auto& alarm : raised)
            if ((filter->system.empty() || alarm.system == filter->system) &&
                alarm.since >= filter->since)
                object["alarms"].push_back(to_json(alarm));
    return ok(object);
}

} // namespace sweepgate::controller
