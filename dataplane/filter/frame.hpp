// SPDX-License-Identifier: Apache-2.0
// A frame in memory, by pointer and length.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sweepgate::filter {

struct Frame {
    const std::uint8_t* bytes = nullptr;
    std::uint32_t length = 0;      // bytes that lie at `bytes`
    std::uint32_t wire_length = 0; // bytes of the whole frame
};
static_assert(sizeof(Frame) == 16); // screens load four at a time

/// Most frames of one burst.
inline constexpr std::size_t kMaxBurst = 64;

} // namespace sweepgate::filter
