// SPDX-License-Identifier: Apache-2.0
#include "dataplane/replay/render.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "controlplane/model/text.hpp"

namespace sweepgate::replay {

namespace {

using filter::Verdict;
using nlohmann::json;

std::string seconds(Moment at) {
    constexpr Moment kSecond = 1'000'000'000;
    const auto fraction = (at % kSecond + kSecond) % kSecond;
    return fmt::format("{}.{:09}", (at - fraction) / kSecond, fraction);
}

std::string protocol_name(std::uint8_t protocol) {
    switch (protocol) {
    case static_cast<std::uint8_t>(Transport::tcp): return "tcp";
    case static_cast<std::uint8_t>(Transport::udp): return "udp";
    case static_cast<std::uint8_t>(Transport::sctp): return "sctp";
    default: return std::to_string(protocol);
    }
}

std::string port_text(const HitKey& key) {
    return key.server_port ? fmt::format("{}/{}", *key.server_port, protocol_name(key.protocol))
                           : protocol_name(key.protocol);
}

std::string_view name_of(std::size_t verdict) { return to_string(static_cast<Verdict>(verdict)); }

std::string table_of(const std::vector<Hit>& hits, const std::vector<System>& systems) {
    std::size_t client = 6;
    std::size_t system = 6;
    for (const auto& hit : hits) {
        client = std::max(client, to_string(hit.key.client).size());
        system = std::max(system, systems[hit.key.system].id.size());
    }
    auto text = fmt::format("  {:<{}}  {:<{}}  verdict  {:<7}  {:<10}  {:>10}  {:>12}\n", "client",
                            client, "system", system, "class", "port", "packets", "bytes");
    for (const auto& [key, tally] : hits)
        text += fmt::format("  {:<{}}  {:<{}}  {:<12}  {:<7}  {:<10}  {:>10}  {:>12}\n",
                            to_string(key.client), client, systems[key.system].id, system,
                            to_string(key.verdict), to_string(key.port_class), port_text(key),
                            tally.packets, tally.bytes);
    return text;
}

/// Kinds of packets, the most frequent first.
std::string table_of(std::string_view title, const Kinds& kinds) {
    using Row = std::pair<std::string, Tally>;
    std::vector<Row> rows(kinds.all().begin(), kinds.all().end());
    if (rows.empty()) return "";
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
        return a.second.packets > b.second.packets;
    });
    auto width = title.size();
    for (const auto& [kind, tally] : rows) width = std::max(width, kind.size());
    auto text = fmt::format("\n  {:<{}}  {:>10}  {:>12}\n", title, width, "packets", "bytes");
    for (const auto& [kind, tally] : rows)
        text += fmt::format("  {:<{}}  {:>10}  {:>12}\n", kind, width, tally.packets, tally.bytes);
    return text;
}

std::string remarks_on(const Outcome& outcome) {
    std::string text;
    const auto remark = [&text](std::uint64_t records, std::string_view what) {
        if (records > 0) text += fmt::format("{} {}\n", records, what);
    };
    remark(outcome.cut_short,
           "records were cut short by the capture; where a port is missing, addresses decide");
    remark(outcome.oversized, "records are longer than the file's snapshot length; judged whole");
    remark(outcome.unsegmented,
           "records have no length yet (segmentation offload); judged to the frame's end");
    std::uint64_t not_judged = 0;
    for (const auto& [kind, tally] : outcome.not_judged.all()) not_judged += tally.packets;
    remark(not_judged, "records could not be judged and go into no output; by kind below");
    return text;
}

json json_of(const Tally& tally) {
    json object{{"packets", tally.packets}, {"bytes", tally.bytes}};
    object["first"] = tally.packets > 0 ? json(seconds(tally.first)) : json(nullptr);
    object["last"] = tally.packets > 0 ? json(seconds(tally.last)) : json(nullptr);
    return object;
}

json json_of(const Kinds& kinds) {
    auto object = json::object();
    for (const auto& [kind, tally] : kinds.all()) object[kind] = json_of(tally);
    return object;
}

json json_of(const Hit& hit, const std::vector<System>& systems) {
    auto object = json_of(hit.tally);
    const auto& key = hit.key;
    object["client"] = to_string(key.client);
    object["system"] = systems[key.system].id;
    object["verdict"] = to_string(key.verdict);
    object["class"] = to_string(key.port_class);
    object["protocol"] = key.protocol;
    object["port"] = key.server_port ? json(*key.server_port) : json(nullptr);
    return object;
}

} // namespace

std::string to_text(const Subject& subject, const Outcome& outcome,
                    const std::vector<System>& systems, std::size_t most) {
    const auto& all = outcome.all;
    auto text = fmt::format("{}: {} packets, {} bytes, judged by generation {} ({})\n",
                            printable(subject.capture), all.packets, all.bytes, subject.generation,
                            to_hex(subject.digest).substr(0, 12));
    text += remarks_on(outcome);
    text += fmt::format("\n  {:<14}  {:>10}  {:>12}\n", "verdict", "packets", "bytes");
    for (std::size_t i = 0; i < outcome.verdicts.size(); ++i)
        if (const auto& tally = outcome.verdicts[i]; tally.packets > 0)
            text +=
                fmt::format("  {:<14}  {:>10}  {:>12}\n", name_of(i), tally.packets, tally.bytes);
    text += table_of("not IP, passes", outcome.not_ip);
    text += table_of("not judged", outcome.not_judged);
    const auto top = outcome.hits.top(most);
    if (top.empty() && outcome.fault) return text;
    if (top.empty()) return text + "\nNobody would have been hit.\n";
    text += fmt::format("\n{} clients would have been hit:\n\n{}", outcome.hits.clients(),
                        table_of(top, systems));
    if (top.size() < outcome.hits.rows())
        text += fmt::format("  and {} rows more; --top 0 shows all\n",
                            outcome.hits.rows() - top.size());
    if (const auto& left_out = outcome.hits.left_out(); left_out.packets > 0)
        text += fmt::format("  {} packets of further clients are in no row: there are {}\n",
                            left_out.packets, outcome.hits.rows());
    return text;
}

std::string to_json(const Subject& subject, const Outcome& outcome,
                    const std::vector<System>& systems, std::size_t most) {
    auto object = json_of(outcome.all);
    object["capture"] = subject.capture;
    object["generation"] = subject.generation;
    object["digest"] = to_hex(subject.digest);
    object["cut_short"] = outcome.cut_short;
    object["oversized"] = outcome.oversized;
    object["unsegmented"] = outcome.unsegmented;
    object["not_ip"] = json_of(outcome.not_ip);
    object["not_judged"] = json_of(outcome.not_judged);
    object["error"] = outcome.fault ? json(outcome.fault->what) : json(nullptr);
    object["verdicts"] = json::object();
    for (std::size_t i = 0; i < outcome.verdicts.size(); ++i)
        object["verdicts"][std::string(name_of(i))] = json_of(outcome.verdicts[i]);
    object["clients"] = outcome.hits.clients();
    object["rows"] = outcome.hits.rows();
    object["left_out"] = outcome.hits.left_out().packets;
    object["hits"] = json::array();
    for (const auto& hit : outcome.hits.top(most)) object["hits"].push_back(json_of(hit, systems));
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace sweepgate::replay
