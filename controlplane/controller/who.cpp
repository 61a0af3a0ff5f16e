// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/who.hpp"

#include <charconv>
#include <map>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace sweepgate::controller {

namespace {

using nlohmann::json;
using Name =
    std::tuple<std::optional<Prefix>, std::string, std::uint8_t, std::optional<std::uint16_t>>;

Name name_of(const Talker& talker) {
    return {talker.client, talker.system, talker.protocol, talker.port};
}

/// The next word of `rest`, which loses it.
std::string_view take_word(std::string_view& rest) {
    const auto first = std::min(rest.find_first_not_of(' '), rest.size());
    const auto behind = std::min(rest.find(' ', first), rest.size());
    const auto word = rest.substr(first, behind - first);
    rest.remove_prefix(behind);
    return word;
}

/// Without the mask that every whole address has.
json client_json(const std::optional<Prefix>& client) {
    if (!client) return nullptr;
    const bool whole = client->length == width(client->address.family);
    return whole ? to_string(client->address) : to_string(*client);
}

json port_json(const std::optional<std::uint16_t>& port) {
    return port ? json(*port) : json(nullptr);
}

json to_json(const Talker& talker, TalkersBy by, std::uint64_t all) {
    json row{{"packets", talker.packets}, {"error", talker.error}};
    row["share"] = all > 0 ? static_cast<double>(talker.packets) / static_cast<double>(all) : 0.0;
    if (by == TalkersBy::client || by == TalkersBy::all) row["client"] = client_json(talker.client);
    if (by == TalkersBy::system || by == TalkersBy::all) row["system"] = talker.system;
    if (by == TalkersBy::port || by == TalkersBy::all) {
        row["protocol"] = talker.protocol;
        row["port"] = port_json(talker.port);
    }
    return row;
}

} // namespace

Result<std::uint32_t> parse_number(std::string_view word, std::uint32_t least, std::uint32_t most) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size() || value < least || value > most)
        return fail(Errc::bad_input, fmt::format("'{}' is not a number within {}..{}",
                                                 word.substr(0, 40), least, most));
    return value;
}

Result<TopQuery> parse_top_query(std::string_view text) {
    TopQuery query;
    auto word = take_word(text);
    if (word.empty()) return query;
    const auto by = parse_talkers_by(word);
    if (!by) return tl::unexpected(by.error());
    query.by = *by;
    if (word = take_word(text); word.empty()) return query;
    const auto most = parse_number(word, 1, kMostTalkers);
    if (!most) return within("talkers", most.error());
    query.most = *most;
    if (word = take_word(text); word.empty()) return query;
    const auto minutes = parse_number(word, 0, kMostMinutes);
    if (!minutes) return within("minutes", minutes.error());
    query.minutes = *minutes;
    if (!take_word(text).empty()) return fail(Errc::bad_input, "more than BY MOST MINUTES");
    return query;
}

TopAnswer merged(const std::vector<TopAnswer>& answers, std::size_t most) {
    TopAnswer sum;
    for (const auto& answer : answers) {
        sum.packets += answer.packets;
        sum.floor += answer.floor;
    }
    // Everybody may have been seen by every gate unnoticed; whoever names him knows better.
    std::map<Name, Talker> rows;
    for (const auto& answer : answers)
        for (const auto& talker : answer.talkers) {
            auto& row = rows[name_of(talker)];
            if (row.packets == 0) {
                row = talker;
                row.packets = row.error = sum.floor;
            }
            row.packets += talker.packets - answer.floor;
            row.error += talker.error - answer.floor;
        }
    for (auto& [name, row] : rows) sum.talkers.push_back(std::move(row));
    std::stable_sort(sum.talkers.begin(), sum.talkers.end(),
                     [](const Talker& a, const Talker& b) { return a.packets > b.packets; });
    if (sum.talkers.size() > most) {
        sum.floor = std::max(sum.floor, sum.talkers[most].packets);
        sum.talkers.resize(most);
    }
    return sum;
}

json to_json(const TopQuery& query, const std::vector<TopAnswer>& answers) {
    const auto sum = merged(answers, query.most);
    json object{{"by", to_string(query.by)}, {"minutes", query.minutes}, {"packets", sum.packets},
                {"floor", sum.floor},        {"talkers", json::array()}, {"gates", json::array()}};
    for (const auto& talker : sum.talkers)
        object["talkers"].push_back(to_json(talker, query.by, sum.packets));
    for (const auto& answer : answers)
        object["gates"].push_back({{"gate", answer.gate},
                                   {"kind", to_string(answer.kind)},
                                   {"packets", answer.packets},
                                   {"error", answer.error}});
    return object;
}

json to_json(const GateEvent& said) {
    const auto& event = said.event;
    const auto seconds = static_cast<std::time_t>(event.time_ms / 1000);
    return {{"time", fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds),
                                 event.time_ms % 1000)},
            {"gate", said.gate},
            {"client", client_json(event.client)},
            {"system", event.system},
            {"protocol", event.protocol},
            {"port", port_json(event.port)},
            {"class", to_string(event.port_class)}};
}

json to_json(const std::array<std::uint64_t, kPortClasses>& classes) {
    json object = json::object();
    for (std::size_t i = 0; i < kPortClasses; ++i)
        object[std::string(to_string(static_cast<PortClass>(i)))] = classes[i];
    return object;
}

} // namespace sweepgate::controller
