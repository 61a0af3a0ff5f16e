// SPDX-License-Identifier: Apache-2.0
// Internal to this station: what one line of a list says, by its format.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controlplane/catalog/prefix_list.hpp"
#include "controlplane/model/prefix_text.hpp"

namespace sweepgate {

struct LineSays {
    std::vector<Prefix> prefixes;
    std::vector<std::string> names;
    std::size_t masked = 0; // of the prefixes
};

/// Nothing in it: an empty line or a comment. Errors: bad_input, "'x' is not a prefix".
[[nodiscard]] Result<LineSays> read_list_line(std::string_view line, ListFormat format);

/// One prefix, address, network with mask or range.
[[nodiscard]] Result<LineSays> read_listed_value(std::string_view value);

[[nodiscard]] std::string_view trim(std::string_view text);

/// The elements of nftables sets in a whole text: "{ a, b timeout 1h }" over any number of lines;
/// without braces, what stands between commas.
struct NftElement {
    std::string_view text; // its key alone
    unsigned line = 0;
};
[[nodiscard]] std::vector<NftElement> nft_elements(std::string_view text);

} // namespace sweepgate
