// SPDX-License-Identifier: Apache-2.0
// What becomes of a packet.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "controlplane/model/judge.hpp"
#include "dataplane/filter/frame.hpp"

namespace sweepgate::filter {

/// Every way out of the gate. The name is the name of its counter.
enum class Verdict : std::uint8_t {
    pass,           // neither end is listed, or the action is pass
    pass_allowed,   // an end is allowed
    pass_not_ip,    // not IP: never touched
    pass_malformed, // broken IP header, and the gate is told to let those pass
    pass_unjudged,  // no tables are loaded, and the gate is told to bypass
    monitor,        // passes and is counted for its system
    limit,          // passes within its system's rate: whoever asked meters it, see TokenBucket
    reject,         // dropped; the sender is told
    drop,           // dropped in silence
    drop_malformed, // broken IP header
    drop_unjudged,  // no tables are loaded, and the gate is told to fail closed
    drop_limited,   // over its system's rate
};
inline constexpr std::size_t kVerdicts = 12;

[[nodiscard]] std::string_view to_string(Verdict verdict);
[[nodiscard]] constexpr bool passes(Verdict verdict) { return verdict <= Verdict::limit; }

/// What becomes of a packet whose IP header is broken.
enum class MalformedFate : std::uint8_t { drop, pass };

/// Which end of a plain packet the server is. A hint for whoever counts: `unknown` of any other
/// packet, and of one whose both ends are listed.
enum class ServerEnd : std::uint8_t { unknown, source, destination };

/// Four bytes: a burst of them is written and read where it hurts.
struct Judgement {
    Verdict verdict = Verdict::pass;
    bool is_inner : 1 = false; // decided by what a tunnel carries, not by the tunnel's ends
    ServerEnd server : 2 = ServerEnd::unknown;
    std::uint8_t tags : 2 = 0; // VLAN tags; this and the family are known where the server is
    bool is_ipv6 : 1 = false;
    std::uint8_t unused : 2 = 0;
    SystemIndex system = kNoSystem; // whose counter it is, for monitor, limit, reject and drop

    constexpr Judgement() = default;
    constexpr Judgement(Verdict what, SystemIndex whose = kNoSystem)
        : verdict(what), system(whose) {}
    friend bool operator==(const Judgement& a, const Judgement& b) {
        return a.verdict == b.verdict && a.is_inner == b.is_inner && a.system == b.system;
    }
};
static_assert(sizeof(Judgement) == 4);
static_assert(std::has_unique_object_representations_v<Judgement>);

/// Room for the judgements of a burst. Those of packets that simply pass are never written nor
/// read, and setting the others before they are written would cost as much as judging them.
union JudgementRoom {
    JudgementRoom() noexcept {} // NOLINT: leaves the room as it is
    std::array<Judgement, kMaxBurst> judgements;
};

/// An end of a packet in a burst, and that packet's shape: 2 * packet, and 1 more for the
/// destination; from bit 8 on what a judgement of it says beside the verdict.
using End = std::uint16_t;
static_assert(2 * kMaxBurst <= 256);

/// To be added to an end.
inline End shape(std::uint8_t tags, bool is_ipv6) noexcept {
    Judgement judgement;
    judgement.tags = tags & 3U;
    judgement.is_ipv6 = is_ipv6;
    return static_cast<End>(std::bit_cast<std::uint32_t>(judgement) ^
                            std::bit_cast<std::uint32_t>(Judgement{}));
}
/// What is known of an end, as judgement of its packet.
inline Judgement with_shape(const Judgement& judgement, End end) noexcept {
    return std::bit_cast<Judgement>(std::bit_cast<std::uint32_t>(judgement) | (end & 0xFF00U));
}

[[nodiscard]] Judgement to_judgement(const Decision& decision) noexcept;

} // namespace sweepgate::filter
