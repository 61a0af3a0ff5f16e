// SPDX-License-Identifier: Apache-2.0
// Internal to this station: bytes as hex digits, in constant time (libsodium).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sweepgate::wire {

[[nodiscard]] std::string hex_of(std::span<const std::uint8_t> bytes);
/// False unless `text` is exactly bytes.size() * 2 hex digits.
[[nodiscard]] bool from_hex(std::string_view text, std::span<std::uint8_t> bytes);

} // namespace sweepgate::wire
