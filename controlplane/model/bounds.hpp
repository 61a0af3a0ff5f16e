// SPDX-License-Identifier: Apache-2.0
// The one sentence for "too many of something".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "controlplane/model/result.hpp"

namespace sweepgate {

inline Status check_count(std::string_view what, std::size_t count, std::size_t limit) {
    if (count <= limit) return {};
    return fail(Errc::bad_input, std::to_string(count) + " " + std::string(what) + ", at most " +
                                     std::to_string(limit));
}

} // namespace sweepgate
