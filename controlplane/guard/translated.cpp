// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/translated.hpp"

#include <algorithm>
#include <iterator>

namespace sweepgate {

namespace {

constexpr Prefix kMapped{ipv6(0, 0xFFFF'0000'0000), 96}; // RFC 4291 section 2.5.5.2
constexpr unsigned kGapAt = 64; // bits 64 to 71 of an address are zero and hold nothing
constexpr unsigned kGap = 8;
constexpr unsigned kIpv4Bits = 32;

/// How many bits of the IPv4 address stand in front of the gap.
unsigned before_gap(unsigned length) { return length < kGapAt ? kGapAt - length : 0; }

const Prefix* translation_of(const Prefix& prefix, std::span<const Prefix> nat64) {
    if (prefix.address.family != Family::ipv6) return nullptr;
    const auto found = std::ranges::find_if(
        nat64, [&](const Prefix& translation) { return translation.contains(prefix); });
    return found == nat64.end() ? nullptr : &*found;
}

} // namespace

std::vector<Prefix> translation_prefixes(std::span<const Prefix> site) {
    std::vector<Prefix> all(site.begin(), site.end());
    all.push_back(kWellKnownNat64);
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

std::vector<Prefix> common_translations(std::span<const Prefix> before,
                                        std::span<const Prefix> after) {
    std::vector<Prefix> common;
    std::ranges::set_intersection(before, after, std::back_inserter(common));
    return common;
}

Prefix translated(const Prefix& ipv4, const Prefix& nat64) {
    const unsigned length = nat64.length;
    const auto address = ipv4.address.value;
    if (length == 96)
        return {{Family::ipv6, nat64.address.value | address},
                static_cast<std::uint8_t>(length + ipv4.length)};
    const auto before = before_gap(length);
    const auto behind = kIpv4Bits - before;
    const auto front = behind == kIpv4Bits ? Uint128{0} : address >> behind;
    const auto rest = address & ((Uint128{1} << behind) - 1);
    const auto value =
        nat64.address.value | front << (128U - kGapAt) | rest << (128U - kGapAt - kGap - behind);
    const bool over_gap = ipv4.length > before || before == 0;
    return {{Family::ipv6, value},
            static_cast<std::uint8_t>(length + ipv4.length + (over_gap ? kGap : 0))};
}

std::optional<Prefix> untranslated(const Prefix& prefix, std::span<const Prefix> nat64) {
    const auto* translation = translation_of(prefix, nat64);
    if (translation == nullptr && prefix.address.family == Family::ipv6 && kMapped.contains(prefix))
        translation = &kMapped;
    if (translation == nullptr) return std::nullopt;
    const auto value = prefix.address.value;
    const unsigned length = translation->length;
    const unsigned more = prefix.length - length;
    if (length == 96)
        return Prefix{ipv4(static_cast<std::uint32_t>(value)), static_cast<std::uint8_t>(more)};
    const auto before = before_gap(length);
    const auto behind = kIpv4Bits - before;
    const auto front = before == 0 ? 0U
                                   : static_cast<std::uint32_t>(value >> (128U - kGapAt)) &
                                         static_cast<std::uint32_t>((Uint128{1} << before) - 1);
    const auto rest = static_cast<std::uint32_t>(value >> (128U - kGapAt - kGap - behind)) &
                      static_cast<std::uint32_t>((Uint128{1} << behind) - 1);
    const auto bits = more <= before          ? more
                      : more <= before + kGap ? before
                                              : std::min(more - kGap, kIpv4Bits);
    const auto joined = behind == kIpv4Bits ? rest : front << behind | rest;
    const Address address = ipv4(joined);
    return Prefix{{Family::ipv4,
                   address.value & ~Prefix{address, static_cast<std::uint8_t>(bits)}.host_mask()},
                  static_cast<std::uint8_t>(bits)};
}

bool is_translated(const Prefix& prefix, std::span<const Prefix> nat64) {
    return translation_of(prefix, nat64) != nullptr;
}

void add_translations(SnapshotParts& parts, std::span<const Prefix> nat64) {
    const auto listed = parts.listings.size();
    const auto allowed = parts.allow.size();
    for (const auto& translation : nat64) {
        for (std::size_t i = 0; i < listed; ++i) {
            auto listing = parts.listings[i];
            if (listing.prefix.address.family != Family::ipv4) continue;
            listing.prefix = translated(listing.prefix, translation);
            parts.listings.push_back(listing);
        }
        for (std::size_t i = 0; i < allowed; ++i)
            if (const auto prefix = parts.allow[i]; prefix.address.family == Family::ipv4)
                parts.allow.push_back(translated(prefix, translation));
    }
}

std::size_t count_untranslated(const Snapshot& snapshot, std::span<const Prefix> nat64) {
    return static_cast<std::size_t>(std::ranges::count_if(
        snapshot.entries, [&](const Entry& entry) { return !is_translated(entry.prefix, nat64); }));
}

} // namespace sweepgate
