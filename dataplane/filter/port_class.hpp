// SPDX-License-Identifier: Apache-2.0
// What the server's port says of a packet that was hit, and which end the server was.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "dataplane/filter/parse.hpp"
#include "dataplane/filter/tables.hpp"

namespace sweepgate::filter {

enum class PortClass : std::uint8_t {
    own,     // one of the system's own ports
    evasion, // 21, 25, 53, 80 or 443, where clients go whose own port is shut
    other,   // any other
    none,    // a later fragment, or a transport without ports
};

[[nodiscard]] std::string_view to_string(PortClass port_class);

/// A system's own port is never evasion.
[[nodiscard]] PortClass port_class_of(const System& system, std::uint8_t protocol,
                                      std::optional<std::uint16_t> server_port);

/// The two ends of a hit, told apart.
struct Sides {
    Address client;
    Address server;
    std::optional<std::uint16_t> server_port;
};

/// Of a packet that was judged to monitor, reject or drop for a system: the server is the end
/// whose listing gave the judgement; when both ends' did, the destination.
///   parsed  IP
[[nodiscard]] Sides sides_of(const Tables& tables, const Parsed& parsed,
                             const Judgement& judgement) noexcept;

} // namespace sweepgate::filter
