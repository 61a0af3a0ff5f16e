// SPDX-License-Identifier: Apache-2.0
// From a parsed packet to its verdict, with exactly the meaning of controlplane/model/judge.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "controlplane/model/judge.hpp"
#include "dataplane/filter/parse.hpp"
#include "dataplane/filter/tables.hpp"

namespace sweepgate::filter {

/// Every way out of the gate. The name is the name of its counter.
enum class Verdict : std::uint8_t {
    pass,           // neither end is listed, or the action is pass
    pass_allowed,   // an end is allowed
    pass_not_ip,    // not IP: never touched
    pass_malformed, // broken IP header, and the gate is told to let those pass
    pass_unjudged,  // no tables are loaded, and the gate is told to bypass
    monitor,        // passes and is counted for its system
    reject,         // dropped; the sender is told
    drop,           // dropped in silence
    drop_malformed, // broken IP header
    drop_unjudged,  // no tables are loaded, and the gate is told to fail closed
};
inline constexpr std::size_t kVerdicts = 10;

[[nodiscard]] std::string_view to_string(Verdict verdict);
[[nodiscard]] constexpr bool passes(Verdict verdict) { return verdict <= Verdict::monitor; }

/// What becomes of a packet whose IP header is broken.
enum class MalformedFate : std::uint8_t { drop, pass };

struct Judgement {
    Verdict verdict = Verdict::pass;
    SystemIndex system = kNoSystem; // whose counter it is, for monitor, reject and drop
    friend bool operator==(const Judgement&, const Judgement&) = default;
};

struct Frame {
    const std::uint8_t* bytes = nullptr;
    std::uint32_t length = 0;      // bytes that lie at `bytes`
    std::uint32_t wire_length = 0; // bytes of the whole frame
};

/// Most frames of one call to judge_burst.
inline constexpr std::size_t kMaxBurst = 64;

/// `parsed` is IP.
[[nodiscard]] Decision judge(const Tables& tables, const Parsed& parsed) noexcept;

/// The same when both ends have been looked up already.
[[nodiscard]] Decision decide(const Tables& tables, const Parsed& parsed, ClassId source_id,
                              ClassId destination_id) noexcept;
[[nodiscard]] Judgement to_judgement(const Decision& decision) noexcept;

/// Judges `count` <= kMaxBurst frames. Never allocates, locks, logs or throws.
void judge_burst(const Tables& tables, MalformedFate fate, const Frame* frames, std::size_t count,
                 Judgement* judgements) noexcept;

/// Verdicts as long as no tables are loaded: non-IP passes, IP as `bypass` says.
[[nodiscard]] Judgement judge_without_tables(const Frame& frame, bool bypass) noexcept;

} // namespace sweepgate::filter
