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

/// One bit for each packet of a burst: those of its first `count` packets are set.
[[nodiscard]] constexpr std::uint64_t bits_of(std::size_t count) {
    return count == kMaxBurst ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

} // namespace sweepgate::filter
