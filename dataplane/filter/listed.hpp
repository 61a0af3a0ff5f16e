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
        : screened_(screened), verdicts_(tables.verdicts_for_all()), ids_(screened.ids.data()),
          judgements_(screened.judgements) {
        screened.ids.fill(kUnlisted);
    }
    Listed(const Listed&) = delete;
    Listed& operator=(const Listed&) = delete;
    ~Listed() {
        screened_.unknown = unknown_;
        screened_.judged = seen_ & ~unknown_ & ~passed_;
    }

    /// What was found of end 2 i, the source of packet i, or of its destination 2 i + 1.
    [[gnu::always_inline]] void keep(std::size_t end, ClassId id) noexcept {
        if (id == kUnlisted) return;
        const auto i = end / 2;
        const auto bit = std::uint64_t{1} << i;
        const auto judgement = verdicts_[id][end % 2];
        ids_[end] = id;
        judgements_[i] = judgement;
        if (judgement.is_inner || (seen_ & bit) != 0) [[unlikely]]
            unknown_ |= bit;
        if (judgement.verdict == Verdict::pass) [[unlikely]]
            passed_ |= bit;
        seen_ |= bit;
    }

private:
    Screened& screened_;
    // Copies, which can stay in registers.
    const VerdictsForAll* verdicts_;
    ClassId* ids_;
    Judgement* judgements_;
    std::uint64_t seen_ = 0;
    std::uint64_t unknown_ = 0;
    std::uint64_t passed_ = 0;
};

} // namespace sweepgate::filter
