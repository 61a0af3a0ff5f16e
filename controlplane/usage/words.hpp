// SPDX-License-Identifier: Apache-2.0
// Internal to this station: CLI11's sentences in our words. Pure.
#pragma once

#include <string>
#include <string_view>

namespace sweepgate::usage {

/// Of a value that a check refused: "Value abc not in range 1 to 1000" becomes
/// "'abc' is no number", "irk not in {irc,xmpp}" names what was meant.
[[nodiscard]] std::string refused_value(std::string_view sentence);

/// "Could not convert: --window = abc" becomes "--window: 'abc' is no number".
[[nodiscard]] std::string not_converted(std::string_view sentence);

/// Whether a line of an error says where in a file: "policy.toml:2:1: unknown key".
[[nodiscard]] bool names_a_place(std::string_view line);

} // namespace sweepgate::usage
