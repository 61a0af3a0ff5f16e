// SPDX-License-Identifier: Apache-2.0
#include "controlplane/backup/member.hpp"

#include <algorithm>

namespace sweepgate::backup {

bool is_member_name(std::string_view name) {
    constexpr std::size_t kMostPart = 255; // of a file system
    if (name.empty() || name.size() > kMostName) return false;
    if (std::ranges::any_of(
            name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }))
        return false;
    for (std::size_t start = 0; start <= name.size();) {
        const auto end = std::min(name.find('/', start), name.size());
        const auto part = name.substr(start, end - start);
        if (part.empty() || part == "." || part == ".." || part.size() > kMostPart) return false;
        start = end + 1;
    }
    return true;
}

} // namespace sweepgate::backup
