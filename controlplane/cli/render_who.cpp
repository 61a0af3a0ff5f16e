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

void render_silent_gates(std::ostream& out, const json& top) {
    for (const auto& gate : list(top, "gates"))
        if (const auto error = text(gate, "error"); !error.empty())
            out << printable(text(gate, "gate")) << " (" << text(gate, "kind")
                << ") names nobody: " << printable(error) << '\n';
}

} // namespace

void render_top(std::ostream& out, const json& top) {
    const auto by = text(top, "by");
    std::vector<Column> headers;
    if (by == "client" || by == "all") headers.emplace_back("CLIENT");
    if (by == "system" || by == "all") headers.emplace_back("SYSTEM");
    if (by == "port" || by == "all") headers.emplace_back("PORT");
    for (const auto* header : {">PACKETS", ">ERROR", ">SHARE"}) headers.emplace_back(header);
    Table table(headers);
    for (const auto& row : list(top, "talkers")) {
        std::vector<std::string> cells;
        if (by == "client" || by == "all") cells.push_back(client_of(row));
        if (by == "system" || by == "all") cells.push_back(text(row, "system"));
        if (by == "port" || by == "all") cells.push_back(port_of(row));
        cells.push_back(text(row, "packets"));
        cells.push_back("±" + text(row, "error"));
        cells.push_back(fmt::format("{:.1f} %", row.value("share", 0.0) * 100));
        table.add(cells);
    }
    const auto minutes = number(top, "minutes");
    out << fmt::format("{} packets hit {}\n", number(top, "packets"),
                       minutes == 0 ? "since the gates started"
                                    : fmt::format("in the last {} minutes", minutes));
    if (!table.empty()) table.print(out);
    if (const auto floor = number(top, "floor"); floor > 0)
        out << "whoever is not named: at most " << floor << " packets each\n";
    render_silent_gates(out, top);
}

void render_events(std::ostream& out, const json& events) {
    Table table({"TIME", "GATE", "CLIENT", "SYSTEM", "PORT", "CLASS"});
    for (const auto& event : list(events, "events"))
        table.add({text(event, "time"), text(event, "gate"), client_of(event),
                   text(event, "system"), port_of(event), text(event, "class")});
    if (table.empty())
        out << "nobody was seen for the first time\n";
    else
        table.print(out);
    if (const auto suppressed = number(events, "suppressed"); suppressed > 0)
        out << suppressed << " more were held back by the gates' rate limit\n";
    render_alarms(out, events);
}

} // namespace sweepgate::cli
