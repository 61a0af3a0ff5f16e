// SPDX-License-Identifier: Apache-2.0
#include "resolver/reverse.hpp"

namespace sweepgate {

std::string reverse_name(const Address& address) {
    std::string name;
    const auto bytes = to_bytes(address);
    if (address.family == Family::ipv4) {
        for (int i = 3; i >= 0; --i)
            name += std::to_string(bytes[static_cast<std::size_t>(i)]) + ".";
        return name + "in-addr.arpa";
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (int i = 15; i >= 0; --i) {
        const auto byte = bytes[static_cast<std::size_t>(i)];
        for (const auto digit : {byte & 0xFU, static_cast<unsigned>(byte) >> 4U}) {
            name += kDigits[digit];
            name += '.';
        }
    }
    return name + "ip6.arpa";
}

} // namespace sweepgate
