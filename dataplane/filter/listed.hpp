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

    /// What was found of end 2 i, the source of packet i, or of its destination 2 i + 1.
    [[gnu::always_inline]] void keep(std::size_t end, ClassId id) noexcept {
        if (id == kUnlisted) return;
        const auto bit = bit_of(end);
        both_ |= seen_ & bit;
        seen_ |= bit;
        keep_expected(end, id);
    }

    // The same in two steps, for many at once.

    /// Of packets `one` an end will be kept or missed, of packets `two`, which are among them,
    /// both.
    void expect(std::uint64_t one, std::uint64_t two) noexcept {
        seen_ |= one;
        both_ |= two;
    }
    /// `id` is another than kUnlisted.
    [[gnu::always_inline]] void keep_expected(std::size_t end, ClassId id) noexcept {
        const auto judgement = verdicts_[id][end % 2];
        put(end / 2, judgement);
        if (judgement.verdict == Verdict::pass) [[unlikely]]
            (judgement.is_inner ? depends_ : passed_) |= bit_of(end);
    }
    /// The same where the judgement is known already, and is another than `pass`.
    [[gnu::always_inline]] void put(std::size_t packet, const Judgement& judgement) noexcept {
        judgements_[packet] = judgement;
    }
    /// verdicts()[2 id + end % 2] is what keep_expected() keeps.
    [[nodiscard]] const Judgement* verdicts() const noexcept { return verdicts_->data(); }
    void miss(std::size_t end) noexcept {
        const auto bit = bit_of(end);
        seen_ &= ~(bit & ~both_); // the other end may be listed still
        both_ &= ~bit;
    }

private:
    static std::uint64_t bit_of(std::size_t end) { return std::uint64_t{1} << (end / 2); }

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
