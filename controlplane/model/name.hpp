// SPDX-License-Identifier: Apache-2.0
// A domain name as Sweepgate stores it: A-labels, lower case, no trailing dot, at most 253
// characters. Two names are the same host name exactly when these texts are equal.
#pragma once

#include <string>
#include <string_view>

#include "controlplane/model/result.hpp"

namespace sweepgate {

/// The canonical form of what a person or a file calls a name. One trailing dot is taken off;
/// U-labels (UTF-8) become A-labels (IDNA 2008, non-transitional).
///   errors   bad_input, showing the text: empty, a space or control character, a label over 63
///            or a name over 253 octets, a wildcard (cannot be asked for), an IP address
///            or prefix, a number where a top-level domain is due, anything but letters, digits,
///            '-' and '_' after conversion
///   source   RFC 1035 section 2.3.4, RFC 5891, RFC 2782 (underscore labels)
[[nodiscard]] Result<std::string> canonical_name(std::string_view text);

} // namespace sweepgate
