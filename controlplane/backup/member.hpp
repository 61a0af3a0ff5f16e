// SPDX-License-Identifier: Apache-2.0
// A file in a backup: its name there, and what the list of them says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "controlplane/model/snapshot.hpp"

namespace sweepgate::backup {

inline constexpr std::size_t kMostMembers = 20'000;
inline constexpr std::size_t kMostName = 1000; // bytes

struct Member {
    std::string name;
    std::uint64_t size = 0;
    Digest sum{}; // BLAKE2b-256

    friend bool operator==(const Member&, const Member&) = default;
};

/// "state/policies/000017.toml": relative, without ".", ".." and empty parts, which lead elsewhere,
/// and without control characters.
[[nodiscard]] bool is_member_name(std::string_view name);

} // namespace sweepgate::backup
