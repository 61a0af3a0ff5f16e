// SPDX-License-Identifier: Apache-2.0
// What the parser makes of bytes that lie in memory of exactly their size, so that the sanitizer
// sees one byte too many.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/filter/parse.hpp"
#include "tests/unit/filter/packet.hpp"

namespace sweepgate::filter {

inline Parsed read(const std::vector<std::uint8_t>& frame) {
    const auto exact = std::make_unique<std::uint8_t[]>(frame.size());
    std::copy(frame.begin(), frame.end(), exact.get());
    return parse(exact.get(), frame.size());
}
inline Parsed read(const PacketBuilder& builder) { return read(builder.bytes()); }

/// All layers that are IP, the outermost first, however deep.
inline std::vector<Parsed> read_layers(const std::vector<std::uint8_t>& frame) {
    const auto exact = std::make_unique<std::uint8_t[]>(frame.size());
    std::copy(frame.begin(), frame.end(), exact.get());
    std::vector<Parsed> layers;
    for (auto next = parse(exact.get(), frame.size()); next.is_ip();
         next = parse_inner(exact.get(), frame.size(), next))
        layers.push_back(next);
    return layers;
}

inline std::string source_of(const Parsed& parsed) { return to_string(to_flow(parsed).source); }
inline std::string destination_of(const Parsed& parsed) {
    return to_string(to_flow(parsed).destination);
}

} // namespace sweepgate::filter
