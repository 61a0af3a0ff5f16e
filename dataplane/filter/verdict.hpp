// SPDX-License-Identifier: Apache-2.0
// What becomes of a packet.
#pragma once

#include <array>
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
    std::uint8_t unused : 5 = 0;
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

[[nodiscard]] Judgement to_judgement(const Decision& decision) noexcept;

} // namespace sweepgate::filter
