// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/hex.hpp"

#include <sodium.h>

namespace sweepgate::wire {

std::string hex_of(std::span<const std::uint8_t> bytes) {
    std::string text(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
    text.pop_back();
    return text;
}

bool from_hex(std::string_view text, std::span<std::uint8_t> bytes) {
    std::size_t length = 0;
    return text.size() == bytes.size() * 2 &&
           sodium_hex2bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &length,
                          nullptr) == 0 &&
           length == bytes.size();
}

} // namespace sweepgate::wire
