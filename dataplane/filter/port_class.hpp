// SPDX-License-Identifier: Apache-2.0
// What the server's port says of a packet that was hit, and which end the server was.
#pragma once

#include <cstdint>
#include <optional>

#include "controlplane/model/port_class.hpp"
#include "dataplane/filter/frame.hpp"
#include "dataplane/filter/parse.hpp"
#include "dataplane/filter/tables.hpp"

namespace sweepgate::filter {

using sweepgate::PortClass;

using sweepgate::port_class_of;

/// The two ends of a hit, told apart.
struct Sides {
    Address client;
    Address server;
    std::optional<std::uint16_t> server_port;
};

/// Of a packet that was judged for a system, or was over its rate: the server is the end whose
/// listing gave the judgement; when both ends' did, the destination.
///   parsed  IP
[[nodiscard]] Sides sides_of(const Tables& tables, const Parsed& parsed,
                             const Judgement& judgement) noexcept;

struct HitEnds {
    Sides sides;
    std::uint8_t protocol = 0; // IANA number
};

/// The same of a frame that lies whole in memory: of a tunnel, the layer that gave the judgement.
[[nodiscard]] HitEnds ends_of(const Tables& tables, const Frame& frame,
                              const Judgement& judgement) noexcept;

} // namespace sweepgate::filter
