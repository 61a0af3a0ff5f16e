// SPDX-License-Identifier: Apache-2.0
// The versions by name; for screen.cpp, which chooses.
#pragma once

#include "dataplane/filter/screen.hpp"

namespace sweepgate::filter {

/// VLAN tags that a plain packet may have.
inline constexpr std::size_t kMaxPlainTags = 2;

[[nodiscard]] const Screen& portable_screen() noexcept;
#ifdef __x86_64__
[[nodiscard]] const Screen& avx2_screen() noexcept;   // AVX2 and BMI2
[[nodiscard]] const Screen& avx512_screen() noexcept; // F, BW, DQ, VL and BMI2
#endif

} // namespace sweepgate::filter
