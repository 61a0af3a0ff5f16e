// SPDX-License-Identifier: Apache-2.0
// A hit as it leaves the packet path, and what hits are told apart by.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>

#include "controlplane/model/hits.hpp"

namespace sweepgate::who {

using SystemNumber = std::uint16_t; // system_names.hpp has the id

struct Hit {
    std::optional<Prefix> client; // as privacy permits
    SystemNumber system = 0;
    std::uint8_t protocol = 0;
    std::optional<std::uint16_t> port; // the server's
    PortClass port_class = PortClass::none;
    std::uint64_t weight = 1; // hits that it stands for
};

/// What does not tell apart is left as it is here.
struct Key {
    std::optional<Prefix> client;
    SystemNumber system = 0;
    std::uint8_t protocol = 0;
    std::optional<std::uint16_t> port;

    friend bool operator==(const Key&, const Key&) = default;
};

} // namespace sweepgate::who

template <>
struct std::hash<sweepgate::who::Key> {
    std::size_t operator()(const sweepgate::who::Key& key) const noexcept {
        std::uint64_t mixed = std::uint64_t{key.system} << 32U |
                              std::uint64_t{key.protocol} << 24U |
                              (key.port ? *key.port | 1U << 16U : 0U);
        if (key.client) mixed ^= std::hash<sweepgate::Address>{}(key.client->address);
        mixed *= 0x9E3779B97F4A7C15ULL;
        return mixed ^ mixed >> 29U;
    }
};
