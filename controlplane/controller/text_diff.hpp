// SPDX-License-Identifier: Apache-2.0
// Which lines of a text came and went.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sweepgate::controller {

struct TextDiff {
    /// "+line", "-line", " line" of what is around, "@@ -3 +3 @@" before each stretch.
    std::vector<std::string> lines;
    std::size_t added = 0;
    std::size_t removed = 0;
};

/// Around each change `around` equal lines are shown. The fewest changed lines, but where so many
/// differ that looking for them would take too long: there all old ones go and all new ones come.
[[nodiscard]] TextDiff text_diff(std::string_view from, std::string_view to,
                                 std::size_t around = 2);

} // namespace sweepgate::controller
