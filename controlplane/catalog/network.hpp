// SPDX-License-Identifier: Apache-2.0
// Networks whose addresses serve many unrelated owners: content networks and clouds. One file of
// the catalog, networks.toml, lists their published prefixes and the zones their names lie in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/model/prefix.hpp"

namespace sweepgate {

enum class NetworkKind : std::uint8_t {
    cdn = 1,      // a front door: one address answers for thousands of sites
    cloud = 2,    // rented out: one owner at a time, another one tomorrow
    redirect = 3, // zones that only lead on to other names
};

/// "cdn", "cloud", "redirect".
[[nodiscard]] std::string_view to_string(NetworkKind kind);

struct Network {
    std::string provider;
    NetworkKind kind = NetworkKind::cdn;
    std::vector<Prefix> prefixes;   // as published; those of its files behind them
    std::vector<std::string> zones; // of names that lead there
    std::string source;             // where the prefixes stand
    std::string date;               // when they stood there, "2025-06"
};

/// Most of both in all networks together.
inline constexpr std::size_t kMaxNetworkPrefixes = 200'000;

} // namespace sweepgate
