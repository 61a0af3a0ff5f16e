// SPDX-License-Identifier: Apache-2.0
// Who was hit, for people.
#include <ostream>

#include <fmt/format.h>

#include "controlplane/cli/fields.hpp"
#include "controlplane/cli/render.hpp"
#include "controlplane/cli/render_alarms.hpp"
#include "controlplane/cli/table.hpp"

namespace sweepgate::cli {

using nlohmann::json;

namespace {

/// "443/tcp"; the protocol alone where it has no ports.
std::string port_of(const json& row) {
    const auto protocol = number(row, "protocol");
    const auto name = protocol == 6     ? "tcp"
                      : protocol == 17  ? "udp"
                      : protocol == 132 ? "sctp"
                                        : std::to_string(protocol);
    const auto port = text(row, "port");
    return port.empty() ? name : port + "/" + name;
}

std::string client_of(const json& row) {
    const auto client = text(row, "client");
    return client.empty() ? "(not kept)" : client;
}

/// Gates that name nobody, and gates that said nothing at all.
void render_silent_gates(std::ostream& out, const json& top) {
    for (const auto& gate : list(top, "gates")) {
        const auto error = text(gate, "error");
        if (error.empty()) continue;
        if (gate.value("answered", json(true)) == false) {
            out << printable(text(gate, "gate")) << ' ' << printable(error)
                << ": its packets are in no figure here\n";
            continue;
        }
        out << printable(text(gate, "gate")) << " (" << printable(text(gate, "kind"))
            << ") names nobody: " << printable(error);
        if (const auto packets = number(gate, "packets"); packets > 0)
            out << "; " << grouped(packets) << " packets of the sum are its own";
        out << '\n';
    }
}

std::string window_of(const json& top) {
    const auto minutes = number(top, "minutes");
    if (minutes == 0) return "since the gates started";
    return minutes == 1 ? "in the last minute" : fmt::format("in the last {} minutes", minutes);
}

/// What is claimed is only what gates have said.
void render_sum(std::ostream& out, const json& top) {
    const auto packets = number(top, "packets");
    const auto answered = number(top, "answered");
    const auto expected = number(top, "expected");
    auto kind = text(top, "class");
    if (!kind.empty()) kind = kind == "own" ? " on own ports" : " on ports of class " + kind;
    if (top.contains("expected") && expected == 0) {
        out << "no gate has reported yet\n";
    } else if (answered < expected) {
        out << fmt::format("{} packets hit{} {}, by {} of {} gates: {} did not answer\n",
                           grouped(packets), kind, window_of(top), answered, expected,
                           expected - answered);
    } else {
        out << fmt::format("{} packets hit{} {}\n", grouped(packets), kind, window_of(top));
    }
}

Table talkers_of(const json& top, const std::string& by) {
    std::vector<Column> columns;
    if (by == "client" || by == "all") columns.push_back(Column("CLIENT").wraps(20));
    if (by == "system" || by == "all") columns.push_back(Column("SYSTEM").cuts(10));
    if (by == "port" || by == "all") columns.emplace_back("PORT");
    columns.emplace_back(">PACKETS");
    columns.push_back(Column(">ERROR").rank(1));
    columns.push_back(Column(">SHARE").rank(2));
    Table table(columns);
    for (const auto& row : list(top, "talkers")) {
        std::vector<std::string> cells;
        if (by == "client" || by == "all") cells.push_back(client_of(row));
        if (by == "system" || by == "all") cells.push_back(text(row, "system"));
        if (by == "port" || by == "all") cells.push_back(port_of(row));
        cells.push_back(grouped(number(row, "packets")));
        cells.push_back("±" + grouped(number(row, "error")));
        cells.push_back(fmt::format("{:.1f} %", real(row, "share") * 100));
        table.add(cells);
    }
    return table;
}

Table gates_of(const json& top) {
    Table table(
        {Column("GATE").cuts(12), Column("KIND").rank(2), ">PACKETS", Column(">SHARE").rank(1)});
    for (const auto& gate : list(top, "gates"))
        if (text(gate, "error").empty())
            table.add({text(gate, "gate"), text(gate, "kind"), grouped(number(gate, "packets")),
                       fmt::format("{:.1f} %", real(gate, "share") * 100)});
    return table;
}

/// Who is in no row.
void render_rest(std::ostream& out, const json& top) {
    if (const auto left_out = number(top, "left_out"); left_out > 0) {
        out << fmt::format("… {} more (-n)", grouped(left_out));
        if (const auto ties = number(top, "ties"); ties > 0)
            out << fmt::format(", {} of them with as many packets as the last one here", ties);
        out << '\n';
    }
    if (const auto floor = number(top, "floor"); floor > 0)
        out << "whoever is not named: at most " << grouped(floor) << " packets each\n";
    if (const auto hidden = number(top, "hidden"); hidden > 0)
        out << grouped(hidden)
            << " packets are in rows too small to be named, of whatever class: any figure may be "
               "short of them\n";
}

} // namespace

void render_top(std::ostream& out, const json& top) {
    render_sum(out, top);
    const auto by = text(top, "by");
    const auto table = by == "gate" ? gates_of(top) : talkers_of(top, by);
    if (!table.empty()) table.print(out);
    render_rest(out, top);
    render_silent_gates(out, top);
}

namespace {

/// True whatever became of what was before.
std::string no_event(const json& events) {
    const auto started = text(events, "started");
    return std::string("no ") + (is_set(events, "filtered") ? "such event" : "event") +
           (started.empty() ? "" : " since sweepgated started " + printable(started)) + "\n";
}

} // namespace

std::string event_line(const json& event) {
    return fmt::format("{}  {}  {}  {}  {}  {}\n", text(event, "time"), text(event, "gate"),
                       client_of(event), text(event, "system"), port_of(event),
                       text(event, "class"));
}

void render_events(std::ostream& out, const json& events, Instant now) {
    Table table({"TIME", Column("GATE").cuts(8).rank(3), Column("CLIENT").wraps(19),
                 Column("SYSTEM").cuts(8), Column("PORT").rank(1), Column("CLASS").rank(2)});
    for (const auto& event : list(events, "events"))
        table.add({text(event, "time"), text(event, "gate"), client_of(event),
                   text(event, "system"), port_of(event), text(event, "class")});
    if (table.empty())
        out << no_event(events);
    else
        table.print(out);
    if (const auto suppressed = number(events, "suppressed"); suppressed > 0)
        out << suppressed << " more were held back by the gates' rate limit\n";
    render_raised_alarms(out, events, now);
}

} // namespace sweepgate::cli
