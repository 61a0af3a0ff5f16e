// SPDX-License-Identifier: Apache-2.0
// Where an address or prefix comes from.
#pragma once

#include <cstdint>
#include <string_view>

namespace sweepgate {

enum class Source : std::uint8_t {
    dns = 1,       // an A or AAAA record
    hint = 2,      // ipv4hint or ipv6hint of an HTTPS record (RFC 9460 section 7.3)
    published = 3, // a prefix that the catalog lists
    admin = 4,     // the site's own addition in its policy
    asn_list = 5,  // a prefix list file that the policy names
};

/// "dns", "hint", "published", "admin", "asn-list"; "unknown" for anything else.
[[nodiscard]] std::string_view to_string(Source source);

} // namespace sweepgate
