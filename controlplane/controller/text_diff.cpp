// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/text_diff.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace sweepgate::controller {

namespace {

using Lines = std::vector<std::string_view>;
constexpr std::size_t kMostCells = 4'000'000; // of the table, 2 bytes each

Lines lines_of(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        if (lines.back().ends_with('\r')) lines.back().remove_suffix(1);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// One step of the way from the old lines to the new.
struct Step {
    char mark = ' '; // ' ', '-' or '+'
    std::size_t from = 0;
    std::size_t to = 0;
};

/// The longest common subsequence by the usual table, filled from the end.
std::vector<Step> steps_between(const Lines& from, const Lines& to, std::size_t begin,
                                std::size_t from_end, std::size_t to_end) {
    const auto rows = from_end - begin;
    const auto columns = to_end - begin;
    std::vector<Step> steps;
    if (rows * columns > kMostCells || rows > UINT16_MAX || columns > UINT16_MAX) {
        for (auto i = begin; i < from_end; ++i) steps.push_back({'-', i, begin});
        for (auto j = begin; j < to_end; ++j) steps.push_back({'+', from_end, j});
        return steps;
    }
    std::vector<std::uint16_t> table((rows + 1) * (columns + 1), 0);
    const auto at = [&](std::size_t i, std::size_t j) -> std::uint16_t& {
        return table[(i - begin) * (columns + 1) + (j - begin)];
    };
    for (auto i = from_end; i-- > begin;)
        for (auto j = to_end; j-- > begin;)
            at(i, j) = from[i] == to[j] ? static_cast<std::uint16_t>(at(i + 1, j + 1) + 1)
                                        : std::max(at(i + 1, j), at(i, j + 1));
    auto i = begin;
    auto j = begin;
    while (i < from_end || j < to_end) {
        if (i < from_end && j < to_end && from[i] == to[j])
            steps.push_back({' ', i++, j++});
        else if (i < from_end && (j == to_end || at(i + 1, j) >= at(i, j + 1)))
            steps.push_back({'-', i++, j});
        else
            steps.push_back({'+', i, j++});
    }
    return steps;
}

std::vector<Step> all_steps(const Lines& from, const Lines& to) {
    std::size_t begin = 0;
    while (begin < std::min(from.size(), to.size()) && from[begin] == to[begin]) ++begin;
    auto from_end = from.size();
    auto to_end = to.size();
    while (from_end > begin && to_end > begin && from[from_end - 1] == to[to_end - 1]) {
        --from_end;
        --to_end;
    }
    std::vector<Step> steps;
    for (std::size_t i = 0; i < begin; ++i) steps.push_back({' ', i, i});
    const auto changed = steps_between(from, to, begin, from_end, to_end);
    steps.insert(steps.end(), changed.begin(), changed.end());
    for (; from_end < from.size(); ++from_end, ++to_end) steps.push_back({' ', from_end, to_end});
    return steps;
}

} // namespace

TextDiff text_diff(std::string_view from_text, std::string_view to_text, std::size_t around) {
    const auto from = lines_of(from_text);
    const auto to = lines_of(to_text);
    const auto steps = all_steps(from, to);
    std::vector<bool> shown(steps.size(), false);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].mark == ' ') continue;
        const auto last = std::min(steps.size(), i + around + 1);
        for (auto near = i - std::min(i, around); near < last; ++near) shown[near] = true;
    }
    TextDiff diff;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (!shown[i]) continue;
        const auto& step = steps[i];
        if (i == 0 || !shown[i - 1])
            diff.lines.push_back(fmt::format("@@ -{} +{} @@", step.from + 1, step.to + 1));
        diff.added += step.mark == '+' ? 1U : 0U;
        diff.removed += step.mark == '-' ? 1U : 0U;
        diff.lines.push_back(step.mark +
                             std::string(step.mark == '+' ? to[step.to] : from[step.from]));
    }
    return diff;
}

} // namespace sweepgate::controller
