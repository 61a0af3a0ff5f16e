// SPDX-License-Identifier: Apache-2.0
#include "controlplane/catalog/networks.hpp"

#include <algorithm>
#include <array>
#include <bitset>

#include "controlplane/catalog/hostname.hpp"

namespace sweepgate {

namespace {

constexpr std::size_t kKinds = 3;
constexpr std::size_t kLengths = 129; // 0..128

std::size_t place_of(NetworkKind kind) { return static_cast<std::size_t>(kind) - 1; }
std::size_t place_of(Family family) { return family == Family::ipv4 ? 0 : 1; }

Prefix cut(const Prefix& prefix, std::size_t length) {
    Prefix shorter{prefix.address, static_cast<std::uint8_t>(length)};
    shorter.address.value &= ~shorter.host_mask();
    return shorter;
}

} // namespace

/// Ranges sorted by kind; one search for each length that occurs.
struct Networks::Index {
    struct Range {
        Prefix prefix;
        std::size_t network = 0; // its place
    };
    struct Kind {
        std::vector<Range> ranges;
        std::array<std::bitset<kLengths>, 2> lengths; // by family
    };

    explicit Index(std::vector<Network> all) : networks(std::move(all)) {
        for (std::size_t place = 0; place < networks.size(); ++place) {
            auto& kind = kinds[place_of(networks[place].kind)];
            for (const auto& prefix : networks[place].prefixes) {
                kind.ranges.push_back({prefix, place});
                kind.lengths[place_of(prefix.address.family)].set(prefix.length);
            }
        }
        for (auto& kind : kinds) std::ranges::stable_sort(kind.ranges, {}, &Range::prefix);
    }

    std::vector<Network> networks;
    std::array<Kind, kKinds> kinds;
};

Networks::Networks(std::vector<Network> networks)
    : index_(std::make_shared<const Index>(std::move(networks))) {}

std::span<const Network> Networks::all() const {
    return index_ ? std::span<const Network>(index_->networks) : std::span<const Network>{};
}

std::optional<Networks::Match> Networks::covering(const Prefix& prefix, NetworkKind kind) const {
    if (!index_) return std::nullopt;
    const auto& [ranges, lengths] = index_->kinds[place_of(kind)];
    const auto& occurring = lengths[place_of(prefix.address.family)];
    for (std::size_t length = prefix.length + std::size_t{1}; length-- > 0;) {
        if (!occurring.test(length)) continue;
        const auto range = cut(prefix, length);
        const auto found = std::ranges::lower_bound(ranges, range, {}, &Index::Range::prefix);
        if (found != ranges.end() && found->prefix == range)
            return Match{&index_->networks[found->network], range};
    }
    return std::nullopt;
}

std::string_view Networks::zone_of(std::string_view name, NetworkKind kind) const {
    for (const auto& network : all())
        if (network.kind == kind)
            for (const auto& zone : network.zones)
                if (is_under(name, zone)) return zone;
    return {};
}

} // namespace sweepgate
