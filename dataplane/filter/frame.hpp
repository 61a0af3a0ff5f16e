// SPDX-License-Identifier: Apache-2.0
// A frame in memory, by pointer and length.
#pragma once

#include <bit>
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
/// Where the set bit lies that has `n` set bits below it. There is one.
[[nodiscard]] constexpr unsigned nth_bit(std::uint64_t bits, unsigned n) {
    unsigned at = 0;
    for (unsigned width = 32; width > 0; width /= 2) {
        const auto below = (bits >> at) & ((std::uint64_t{1} << width) - 1);
        const auto count = static_cast<unsigned>(std::popcount(below));
        if (n < count) continue;
        n -= count;
        at += width;
    }
    return at;
}

} // namespace sweepgate::filter
