// SPDX-License-Identifier: Apache-2.0
// The verdict for exactly one packet, as the reference of the model gives it: group, ports and
// schedules included.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "controlplane/controller/request_options.hpp"
#include "controlplane/model/timetable.hpp"

namespace sweepgate::controller {

/// What of a packet is asked for.
struct PacketQuestion {
    std::optional<Address> client;        // nothing: one that no group lists, when there is such
    std::optional<std::uint16_t> port;    // of the server; nothing: every kind of port
    std::optional<std::uint8_t> protocol; // with a port; nothing: TCP and UDP
    std::optional<WeekMinute> at;         // nothing: now
};

/// From {"for": ADDRESS, "port": "6667", "6667/tcp", "at": "mon 12:30" or "now"}; nothing when none
/// of them is there. Errors: bad_input naming the value.
[[nodiscard]] Result<std::optional<PacketQuestion>> read_packet(const RequestOptions& options);

/// {"client", "group", "protocol", "port", "at", "schedules", "action", "system", "allowed",
/// "text"}, one for each kind of packet that the question leaves open.
///   now    for a question without a time
///   errors bad_input when client and server are of two families
[[nodiscard]] Result<nlohmann::json> packets_of(const Snapshot& snapshot, const Address& server,
                                                const PacketQuestion& question,
                                                const CivilTimes& now);

} // namespace sweepgate::controller
