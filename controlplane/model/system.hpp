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

/// What happens to a packet, in rising severity.
enum class Action : std::uint8_t {
    pass = 1,
    monitor = 2, // passes and is counted
    limit = 3,   // passes and is counted within the system's rate; over it dropped and counted
    reject = 4,
    drop = 5,
};

/// On the wire and in digests, where numbers stay as they once were: 1 pass, 2 monitor, 3 reject,
/// 4 drop, 5 limit. 0 is reserved for "unspecified".
[[nodiscard]] std::uint8_t code_of(Action action);
/// Another code gives an action that to_string() does not know.
[[nodiscard]] Action action_of(std::uint8_t code);

/// A terminal action ends the judgement: nothing judged later can soften it.
[[nodiscard]] constexpr bool is_terminal(Action action) { return action >= Action::reject; }

[[nodiscard]] std::string_view to_string(Action action);
[[nodiscard]] std::string_view to_string(Transport transport);

inline constexpr std::uint32_t kMaxPacketsPerSecond = 1'000'000;

using SystemIndex = std::uint16_t;
inline constexpr SystemIndex kNoSystem = 0xFFFF;

struct System {
    std::string id;                       // [a-z0-9-]{1,32}, unique; names counters and rules
    std::string name;                     // for people
    std::string category;                 // "im", "irc", "corporate", "p2p-file-sharing", ...
    std::vector<PortRange> ports;         // sorted; the system's own ports
    std::vector<std::string> suffixes;    // lower-case A-labels, no dots at the ends
    std::uint32_t packets_per_second = 0; // of Action::limit, at each gate; 0 where nothing limits

    friend bool operator==(const System&, const System&) = default;
    [[nodiscard]] bool uses(std::uint8_t protocol, std::uint16_t port) const;
};

/// 1..32 of a-z, 0-9 and '-', so that it fits every name a gate derives from it.
[[nodiscard]] bool is_system_id(std::string_view id);

} // namespace sweepgate
