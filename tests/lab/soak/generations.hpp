// SPDX-License-Identifier: Apache-2.0
// 100,000 addresses of which each generation exchanges 100, and packets that tell generations
// apart.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "controlplane/model/snapshot.hpp"

namespace sweepgate::testing {

inline constexpr std::uint32_t kListed = 100'000;
inline constexpr std::uint32_t kExchanged = 100;

/// What a frame's server is.
enum class Server : std::uint8_t {
    always,    // listed in every generation
    sometimes, // listed in every second generation
    never,
};
inline constexpr std::array kServers{Server::always, Server::sometimes, Server::never};

/// System 0 has what is always listed, system 1 the rest. Both are dropped.
[[nodiscard]] Snapshot make_generation(Generation generation);

/// One frame to each of kServers.
[[nodiscard]] std::vector<std::vector<std::uint8_t>> make_frames();

} // namespace sweepgate::testing
