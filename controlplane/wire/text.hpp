// SPDX-License-Identifier: Apache-2.0
// Internal to this station: text files of words, '#' for comments.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace sweepgate::wire {

struct WordLine {
    unsigned number = 0;            // from 1
    std::vector<std::string> words; // never empty
    std::vector<unsigned> columns;  // of each word, from 1
};

/// Lines that hold at least one word. A comment is a line that starts with '#', or the rest of a
/// line behind a '#' that stands alone: a Z85 key may itself start with '#'.
[[nodiscard]] inline std::vector<WordLine> word_lines(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r";
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    std::vector<WordLine> lines;
    for (unsigned number = 1; !text.empty(); ++number) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        WordLine found{number, {}, {}};
        const auto* begin = line.data();
        for (;;) {
            line.remove_prefix(std::min(line.size(), line.find_first_not_of(kBlank)));
            const auto word = line.substr(0, line.find_first_of(kBlank));
            if (word.empty() || word == "#" || (word.front() == '#' && found.words.empty())) break;
            found.words.emplace_back(word);
            found.columns.push_back(static_cast<unsigned>(line.data() - begin) + 1);
            line.remove_prefix(word.size());
        }
        if (!found.words.empty()) lines.push_back(std::move(found));
    }
    return lines;
}

} // namespace sweepgate::wire
