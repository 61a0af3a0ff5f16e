// SPDX-License-Identifier: Apache-2.0
// Text that came from a network, on its way to a log or a terminal.
#pragma once

#include <string>

namespace sweepgate {

/// Control characters become '?', a byte each: C0 and DEL, and C1 in UTF-8 (C2 80..9F), which
/// some terminals obey too.
[[nodiscard]] inline std::string printable(std::string text) {
    bool lead = false; // the byte before was C2
    for (auto& c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool c1 = lead && byte >= 0x80U && byte < 0xA0U;
        lead = byte == 0xC2U;
        if (byte < 0x20U || byte == 0x7FU || c1) c = '?';
    }
    return text;
}

} // namespace sweepgate
