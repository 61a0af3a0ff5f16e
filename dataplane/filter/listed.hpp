// SPDX-License-Identifier: Apache-2.0
// What a screen does with an end that it found listed.
#pragma once

#include <cstdint>

#include "dataplane/filter/screen.hpp"

namespace sweepgate::filter {

/// Judges by listed ends, one at a time and in any order, for one burst.
class Listed {
public:
    /// `screened` is reset, but for what is odd.
    Listed(const Tables& tables, Screened& screened)
        : screened_(screened), verdicts_(tables.verdicts_for_all()),
          judgements_(screened.judgements) {}
    Listed(const Listed&) = delete;
    Listed& operator=(const Listed&) = delete;
    ~Listed() {
        screened_.both = both_;
        screened_.unknown = depends_ | both_;
        screened_.judged = seen_ & ~screened_.unknown & ~passed_;
    }

    /// What was found of an end.
    [[gnu::always_inline]] void keep(End end, ClassId id) noexcept {
        if (id == kUnlisted) return;
        const auto i = (end & 0xFFU) / 2;
        const auto bit = std::uint64_t{1} << i;
        const auto judgement = with_shape(verdicts_[id][end % 2], end);
        judgements_[i] = judgement;
        if (judgement.verdict == Verdict::pass) [[unlikely]]
            (judgement.is_inner ? depends_ : passed_) |= bit;
        both_ |= seen_ & bit;
        seen_ |= bit;
    }

private:
    Screened& screened_;
    // Copies, which can stay in registers.
    const VerdictsForAll* verdicts_;
    Judgement* judgements_;
    std::uint64_t seen_ = 0;
    std::uint64_t both_ = 0;
    std::uint64_t depends_ = 0;
    std::uint64_t passed_ = 0;
};

} // namespace sweepgate::filter
