// SPDX-License-Identifier: Apache-2.0
// Prefixes as people and programs write them. parse_prefix() is the strict reader of one; these are
// what it and the readers of whole lists have in common.
#pragma once

#include <optional>

#include "controlplane/model/prefix.hpp"

namespace sweepgate {

struct LoosePrefix {
    Prefix prefix;              // without host bits
    bool had_host_bits = false; // "192.0.2.7/24" stands for 192.0.2.0/24
};

/// "192.0.2.0/24", "192.0.2.0/255.255.255.0", "2001:db8::/32", a bare address. An IPv4-mapped IPv6
/// address is the IPv4 address, and so is a prefix of such. Errors: bad_input, naming the text.
[[nodiscard]] Result<LoosePrefix> parse_loose_prefix(std::string_view text);

/// "192.0.2.1-192.0.2.7", spaces around the dash or none; nothing when it is no range at all.
/// Errors: bad_input for an end that is before the beginning or of the other family.
[[nodiscard]] Result<std::optional<Range>> parse_range(std::string_view text);

} // namespace sweepgate
