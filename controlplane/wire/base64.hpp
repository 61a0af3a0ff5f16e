// SPDX-License-Identifier: Apache-2.0
// Bytes inside JSON: base64 with padding (RFC 4648, 4).
#pragma once

#include <string>
#include <string_view>

#include "controlplane/model/result.hpp"

namespace sweepgate::wire {

[[nodiscard]] std::string to_base64(std::string_view bytes);
/// Errors: bad_input for any other character, also blanks, and for wrong padding.
[[nodiscard]] Result<std::string> from_base64(std::string_view text);

} // namespace sweepgate::wire
