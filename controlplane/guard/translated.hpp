// SPDX-License-Identifier: Apache-2.0
// One server, two forms: behind NAT64 an IPv4 server is reached, and DNS64 answers it, under an
// IPv6 address that holds its own (RFC 6052). What is decided of the one holds for the other:
//
//   text, DNS --> untranslated() --> guard, plan, counts: the IPv4 form alone
//   plan --> add_translations() --> snapshot: both forms, for every gate alike
//
// So no gate translates while it judges, and nothing is counted twice.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "controlplane/model/snapshot.hpp"

namespace sweepgate {

/// 64:ff9b::/96, which any network may use (RFC 6052 section 2.1).
inline constexpr Prefix kWellKnownNat64{ipv6(0x0064'FF9B'0000'0000, 0), 96};

/// It and the site's own, sorted, each once.
[[nodiscard]] std::vector<Prefix> translation_prefixes(std::span<const Prefix> site);

/// Of two such lists: what one alone translates is a change that people are told of.
[[nodiscard]] std::vector<Prefix> common_translations(std::span<const Prefix> before,
                                                      std::span<const Prefix> after);

/// An IPv4 prefix as it stands behind `nat64`, a /32, /40, /48, /56, /64 or /96 (section 2.2).
[[nodiscard]] Prefix translated(const Prefix& ipv4, const Prefix& nat64);

/// The IPv4 prefix that an IPv6 prefix inside one of `nat64`, or of IPv4-mapped addresses, stands
/// for; nothing for any other.
[[nodiscard]] std::optional<Prefix> untranslated(const Prefix& prefix,
                                                 std::span<const Prefix> nat64);
/// Inside one of `nat64`.
[[nodiscard]] bool is_translated(const Prefix& prefix, std::span<const Prefix> nat64);

/// Lists and allows every IPv4 prefix behind each of `nat64` as well.
void add_translations(SnapshotParts& parts, std::span<const Prefix> nat64);

/// Without what add_translations() added.
[[nodiscard]] std::size_t count_untranslated(const Snapshot& snapshot,
                                             std::span<const Prefix> nat64);

} // namespace sweepgate
