// SPDX-License-Identifier: Apache-2.0
// A prefix (address and length, no host bits) and an inclusive range of addresses.
// A sorted list of disjoint prefixes is the normal form in which address sets travel.
#pragma once

#include <algorithm>
#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/model/address.hpp"

namespace sweepgate {

struct Prefix {
    Address address;         // its bits behind `length` are zero
    std::uint8_t length = 0; // 0..32 or 0..128

    friend constexpr auto operator<=>(const Prefix&, const Prefix&) = default;

    [[nodiscard]] constexpr Uint128 host_mask() const {
        const auto host_bits = width(address.family) - length;
        return host_bits == 128 ? ~Uint128{0} : (Uint128{1} << host_bits) - 1;
    }
    [[nodiscard]] constexpr Address first() const { return address; }
    [[nodiscard]] constexpr Address last() const {
        return {address.family, address.value | host_mask()};
    }
    [[nodiscard]] constexpr bool contains(const Address& other) const {
        return other.family == address.family && (other.value & ~host_mask()) == address.value;
    }
    [[nodiscard]] constexpr bool contains(const Prefix& other) const {
        return other.length >= length && contains(other.address);
    }
    [[nodiscard]] constexpr bool overlaps(const Prefix& other) const {
        return contains(other) || other.contains(*this);
    }
};

[[nodiscard]] constexpr Prefix host(const Address& address) {
    return {address, static_cast<std::uint8_t>(width(address.family))};
}

/// "192.0.2.0/24", "2001:db8::/32" or a bare address (a host prefix).
/// Host bits, a length out of range and anything else are bad_input, naming the text.
[[nodiscard]] Result<Prefix> parse_prefix(std::string_view text);
/// Always with a length, also for hosts: "192.0.2.1/32".
[[nodiscard]] std::string to_string(const Prefix& prefix);

/// Inclusive; first and last are of one family and first <= last.
struct Range {
    Address first;
    Address last;

    friend constexpr auto operator<=>(const Range&, const Range&) = default;
};

[[nodiscard]] constexpr Range to_range(const Prefix& prefix) {
    return {prefix.first(), prefix.last()};
}

/// The fewest prefixes that cover exactly `range`, ascending.
[[nodiscard]] std::vector<Prefix> to_prefixes(const Range& range);

/// Sorted, overlapping and adjacent ranges joined. Families stay apart.
[[nodiscard]] std::vector<Range> merge(std::vector<Range> ranges);
[[nodiscard]] std::vector<Prefix> merge(const std::vector<Prefix>& prefixes);

/// The element of a sorted disjoint list that contains `address`, or end().
template <typename Iterator, typename Projection>
[[nodiscard]] Iterator find_covering(Iterator begin, Iterator end, const Address& address,
                                     Projection prefix_of) {
    auto behind = std::upper_bound(begin, end, address, [&](const Address& a, const auto& item) {
        return a < prefix_of(item).first();
    });
    if (behind == begin) return end;
    --behind;
    return prefix_of(*behind).contains(address) ? behind : end;
}

/// The shortest prefix of its family that any text may exempt from judgement: a shorter one would
/// open the gates to a continent by a slip of the pen.
[[nodiscard]] constexpr unsigned widest_opening(const Prefix& prefix) {
    return prefix.address.family == Family::ipv4 ? 8 : 16;
}
/// True of a shorter one, but for what is nobody's on the Internet: fc00::/7 (RFC 4193), fe80::/10.
[[nodiscard]] constexpr bool is_too_wide(const Prefix& prefix) {
    if (prefix.length >= widest_opening(prefix)) return false;
    if (prefix.address.family == Family::ipv4) return true;
    const auto leading = static_cast<unsigned>(prefix.address.value >> 118U); // ten bits
    const bool local = prefix.length >= 7 && (leading >> 3U) == 0x7E;
    const bool link = prefix.length >= 10 && leading == 0x3FA;
    return !local && !link;
}

} // namespace sweepgate
