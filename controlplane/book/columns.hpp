// SPDX-License-Identifier: Apache-2.0
// How model values stand in the book's columns.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/book/sighting.hpp"
#include "controlplane/book/sqlite.hpp"

namespace sweepgate {

inline constexpr std::size_t kMaxResolvers = 16; // remembered an address or denial

[[nodiscard]] inline sqlite::Value number(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}
[[nodiscard]] inline sqlite::Value number(bool value) { return static_cast<std::int64_t>(value); }

/// Seconds since 1970.
[[nodiscard]] inline std::int64_t to_column(Instant time) {
    return time.time_since_epoch().count();
}
[[nodiscard]] inline Instant instant(std::int64_t column) {
    return Instant{std::chrono::seconds{column}};
}

/// Network byte order; the size tells the family.
[[nodiscard]] inline sqlite::Bytes to_column(const Address& address) {
    const auto bytes = to_bytes(address);
    return {bytes.begin(), bytes.begin() + width_bytes(address.family)};
}

/// One a line. Names come from the network: what would break a line or a terminal becomes '?'.
[[nodiscard]] inline std::string to_column(const std::vector<std::string>& words) {
    std::string lines;
    for (const auto& word : words) {
        if (!lines.empty()) lines += '\n';
        for (const char c : word) lines += c > ' ' && c < 0x7F ? c : '?';
    }
    return lines;
}
[[nodiscard]] inline std::vector<std::string> words(std::string_view column) {
    std::vector<std::string> found;
    for (std::size_t start = 0; start < column.size();) {
        const auto end = std::min(column.find('\n', start), column.size());
        found.emplace_back(column.substr(start, end - start));
        start = end + 1;
    }
    return found;
}

/// Adds a word to a sorted list of at most `limit`; true when the list changed.
inline bool insert_word(std::vector<std::string>& list, const std::string& word,
                        std::size_t limit) {
    const auto place = std::lower_bound(list.begin(), list.end(), word);
    if ((place != list.end() && *place == word) || list.size() >= limit) return false;
    list.insert(place, word);
    return true;
}

/// Takes one out; true when it was there.
inline bool erase_word(std::vector<std::string>& list, const std::string& word) {
    return std::erase(list, word) > 0;
}

} // namespace sweepgate
