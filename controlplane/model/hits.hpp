// SPDX-License-Identifier: Apache-2.0
// Who was hit, as gates tell it: top talkers and first-seen events.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/model/prefix.hpp"
#include "controlplane/model/report.hpp"

namespace sweepgate {

/// What the server's port says of a packet that was hit.
enum class PortClass : std::uint8_t {
    own,     // one of the system's own ports
    evasion, // 21, 25, 53, 80 or 443, where clients go whose own port is shut
    other,   // any other
    none,    // a later fragment, or a transport without ports
};
inline constexpr std::size_t kPortClasses = 4;

[[nodiscard]] std::string_view to_string(PortClass port_class);

/// What talkers are told apart by.
enum class TalkersBy : std::uint8_t { client = 1, system = 2, port = 3, all = 4 };

[[nodiscard]] std::string_view to_string(TalkersBy by);
/// Errors: bad_input naming the word.
[[nodiscard]] Result<TalkersBy> parse_talkers_by(std::string_view text);

inline constexpr std::uint32_t kMostTalkers = 1000;
inline constexpr std::uint32_t kMostMinutes = 5;

struct TopQuery {
    TalkersBy by = TalkersBy::client;
    std::uint32_t most = 20;   // 1..kMostTalkers
    std::uint32_t minutes = 0; // of the past, 1..kMostMinutes; 0: since the gate started

    friend bool operator==(const TopQuery&, const TopQuery&) = default;
};

/// Only what the query told apart is set.
struct Talker {
    std::optional<Prefix> client; // a whole address unless the gate truncates them
    std::string system;
    std::uint8_t protocol = 0; // IANA number, when it was told apart by port
    std::optional<std::uint16_t> port;
    std::uint64_t packets = 0;
    std::uint64_t error = 0; // so far from `packets` the truth may be; 0: exact

    friend bool operator==(const Talker&, const Talker&) = default;
};

struct TopAnswer {
    std::string gate;
    GateKind kind = GateKind::nftables;
    std::uint64_t packets = 0;   // all hits in the window
    std::uint64_t floor = 0;     // who is in no row had at most so many
    std::vector<Talker> talkers; // falling
    std::string error;           // why there are none, else empty
};

/// A client, system and port that were not seen together for an hour.
struct HitEvent {
    std::uint64_t time_ms = 0; // since 1970
    std::optional<Prefix> client;
    std::string system;
    std::uint8_t protocol = 0;
    std::optional<std::uint16_t> port;
    PortClass port_class = PortClass::none;

    friend bool operator==(const HitEvent&, const HitEvent&) = default;
};

inline constexpr std::size_t kMostEvents = 256; // of one message

struct HitEvents {
    std::string gate;
    GateKind kind = GateKind::dpdk;
    std::uint64_t suppressed = 0; // by the rate limit, since the last message
    std::vector<HitEvent> events;
};

} // namespace sweepgate
