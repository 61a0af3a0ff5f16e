// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/nearest.hpp"

#include <algorithm>
#include <vector>

namespace sweepgate {

namespace {

constexpr std::size_t kLongestWord = 64;      // longer words are no typing mistakes of ours
constexpr std::size_t kShortestBeginning = 4; // of a word that was not typed to its end

} // namespace

std::size_t edit_distance(std::string_view from, std::string_view to) {
    // Optimal string alignment over three rows: two back, one back, the current one.
    std::vector<std::size_t> older(to.size() + 1);
    std::vector<std::size_t> old(to.size() + 1);
    std::vector<std::size_t> now(to.size() + 1);
    for (std::size_t j = 0; j <= to.size(); ++j) old[j] = j;
    for (std::size_t i = 1; i <= from.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= to.size(); ++j) {
            const std::size_t differs = from[i - 1] == to[j - 1] ? 0 : 1;
            now[j] = std::min({old[j] + 1, now[j - 1] + 1, old[j - 1] + differs});
            if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                now[j] = std::min(now[j], older[j - 2] + 1);
        }
        older.swap(old);
        old.swap(now);
    }
    return old[to.size()];
}

std::string nearest_word(std::string_view word, std::span<const std::string> known) {
    if (word.size() > kLongestWord) return {};
    const auto limit = std::max<std::size_t>(2, word.size() / 3);
    std::string best;
    std::size_t best_distance = limit + 1;
    for (const auto& candidate : known) {
        // A short word is near every other short word: at least one letter must stay.
        const auto distance = edit_distance(word, candidate);
        if (distance < best_distance && distance < candidate.size()) {
            best = candidate;
            best_distance = distance;
        }
    }
    if (best.empty() && word.size() >= kShortestBeginning)
        for (const auto& candidate : known)
            if (candidate.starts_with(word)) return candidate;
    return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> known) {
    const auto nearest = nearest_word(word, known);
    return nearest.empty() ? "" : "; did you mean '" + nearest + "'?";
}

std::string not_one_of(std::string_view word, std::span<const std::string> known) {
    std::string text = "is not ";
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (i > 0) text += i + 1 == known.size() ? " or " : ", ";
        text += known[i];
    }
    return text + did_you_mean(word, known);
}

} // namespace sweepgate
