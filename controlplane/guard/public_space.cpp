// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/public_space.hpp"

#include <algorithm>
#include <array>

namespace sweepgate {

namespace {

struct Special {
    Prefix prefix;
    std::string_view what;
};

constexpr Prefix v4(unsigned a, unsigned b, unsigned c, std::uint8_t length) {
    return {ipv4((a << 24U) | (b << 16U) | (c << 8U)), length};
}
constexpr Prefix v6(std::uint64_t high, std::uint64_t low, std::uint8_t length) {
    return {ipv6(high, low), length};
}

// The narrower of two overlapping ranges first: it has the better word.
constexpr std::array kSpecial{
    Special{v4(0, 0, 0, 8), "this network"},
    Special{v4(10, 0, 0, 8), "private"},
    Special{v4(100, 64, 0, 10), "carrier-grade NAT"},
    Special{v4(127, 0, 0, 8), "loopback"},
    Special{v4(169, 254, 0, 16), "link-local"},
    Special{v4(172, 16, 0, 12), "private"},
    Special{v4(192, 0, 0, 24), "protocol assignments"},
    Special{v4(192, 0, 2, 24), "documentation"},
    Special{v4(192, 88, 99, 24), "6to4 relay"},
    Special{v4(192, 168, 0, 16), "private"},
    Special{v4(198, 18, 0, 15), "benchmarks"},
    Special{v4(198, 51, 100, 24), "documentation"},
    Special{v4(203, 0, 113, 24), "documentation"},
    Special{v4(224, 0, 0, 4), "multicast"},
    Special{v4(240, 0, 0, 4), "reserved"},
    Special{v6(0, 0, 128), "unspecified"},
    Special{v6(0, 1, 128), "loopback"},
    Special{v6(0, 0xFFFF'0000'0000, 96), "IPv4-mapped"},
    Special{v6(0, 0, 96), "IPv4-compatible"},
    Special{v6(0x0064'FF9B'0000'0000, 0, 96), "NAT64"},
    Special{v6(0x0064'FF9B'0001'0000, 0, 48), "local NAT64"},
    Special{v6(0x0100'0000'0000'0000, 0, 64), "discard"},
    Special{v6(0x2001'0000'0000'0000, 0, 32), "Teredo"},
    Special{v6(0x2001'0DB8'0000'0000, 0, 32), "documentation"},
    Special{v6(0x2002'0000'0000'0000, 0, 16), "6to4"},
    Special{v6(0x3FFF'0000'0000'0000, 0, 20), "documentation"},
    Special{v6(0xFC00'0000'0000'0000, 0, 7), "private"},
    Special{v6(0xFE80'0000'0000'0000, 0, 10), "link-local"},
    Special{v6(0xFEC0'0000'0000'0000, 0, 10), "site-local"},
    Special{v6(0xFF00'0000'0000'0000, 0, 8), "multicast"},
};

constexpr Prefix kGlobalUnicast = v6(0x2000'0000'0000'0000, 0, 3); // RFC 4291, section 2.4

} // namespace

std::optional<std::string> why_not_public(const Prefix& prefix,
                                          std::span<const Prefix> treat_as_public) {
    if (std::any_of(treat_as_public.begin(), treat_as_public.end(),
                    [&](const Prefix& range) { return range.contains(prefix); }))
        return std::nullopt;
    for (const auto& special : kSpecial)
        if (special.prefix.overlaps(prefix))
            return std::string(special.what) + " (" + to_string(special.prefix) + ")";
    if (prefix.address.family == Family::ipv6 && !kGlobalUnicast.contains(prefix))
        return "outside global unicast (" + to_string(kGlobalUnicast) + ")";
    return std::nullopt;
}

} // namespace sweepgate
