// SPDX-License-Identifier: Apache-2.0
// An IM system as a gate needs to know it: identity, own ports, and what may be done to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/model/result.hpp"

namespace sweepgate {

/// IP protocol numbers that carry ports (IANA protocol-numbers).
enum class Transport : std::uint8_t { tcp = 6, udp = 17, sctp = 132 };

struct PortRange { // inclusive
    Transport transport = Transport::tcp;
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    friend constexpr auto operator<=>(const PortRange&, const PortRange&) = default;
    [[nodiscard]] constexpr bool contains(std::uint8_t protocol, std::uint16_t port) const {
        return protocol == static_cast<std::uint8_t>(transport) && first <= port && port <= last;
    }
};

/// What happens to a packet, in rising severity. 0 is reserved for "unspecified" on the wire.
enum class Action : std::uint8_t { pass = 1, monitor = 2, reject = 3, drop = 4 };

/// A terminal action ends the judgement: nothing judged later can soften it.
[[nodiscard]] constexpr bool is_terminal(Action action) { return action >= Action::reject; }

[[nodiscard]] std::string_view to_string(Action action);
[[nodiscard]] std::string_view to_string(Transport transport);

using SystemIndex = std::uint16_t;
inline constexpr SystemIndex kNoSystem = 0xFFFF;

struct System {
    std::string id;                    // [a-z0-9-]{1,32}, unique; names counters and rules
    std::string name;                  // for people
    std::string category;              // "im", "irc", "corporate", "p2p-file-sharing", ...
    std::vector<PortRange> ports;      // sorted; the system's own ports
    std::vector<std::string> suffixes; // lower-case A-labels, no dots at the ends

    friend bool operator==(const System&, const System&) = default;
    [[nodiscard]] bool uses(std::uint8_t protocol, std::uint16_t port) const;
};

/// 1..32 of a-z, 0-9 and '-', so that it fits every name a gate derives from it.
[[nodiscard]] bool is_system_id(std::string_view id);

} // namespace sweepgate
