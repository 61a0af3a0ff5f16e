// SPDX-License-Identifier: Apache-2.0
// Internal to this station: prefix lists in the grouped form of sweepgate.proto (PrefixGroup).
// About 2 bytes a prefix for 100,000 IPv4 hosts, against 5 for address and length.
#pragma once

#include <vector>

#include "controlplane/model/snapshot.hpp"
#include "sweepgate.pb.h"

namespace sweepgate::wire {

/// `entries` sorted and without duplicates.
void encode(const std::vector<Entry>& entries, proto::PrefixSet& set);
void encode(const std::vector<Prefix>& prefixes, proto::PrefixSet& set);

/// Sorted by prefix, no prefix twice, no host bits. Errors: bad_input for groups out of order, an
/// unknown family, a length out of range, a step of zero, a number behind the last address, a torn
/// varint, more than `limit` prefixes.
[[nodiscard]] Result<std::vector<Entry>> decode_entries(const proto::PrefixSet& set,
                                                        std::size_t limit);
/// The same; a class other than 0 is bad_input too.
[[nodiscard]] Result<std::vector<Prefix>> decode_prefixes(const proto::PrefixSet& set,
                                                          std::size_t limit);

} // namespace sweepgate::wire
