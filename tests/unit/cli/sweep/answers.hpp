// SPDX-License-Identifier: Apache-2.0
// Answers as a sweep brings them, in one line.
#pragma once

#include <string>
#include <vector>

#include "resolver/answer.hpp"

namespace sweepgate::test {

inline Answer answer(const std::string& name, const std::vector<std::string>& addresses,
                     std::uint32_t ttl = 60) {
    Answer made;
    made.question = {name, RrType::a};
    made.outcome = addresses.empty() ? Outcome::nodata : Outcome::answered;
    made.resolver = "192.0.2.53:53";
    made.ttl = ttl;
    made.tries = 1;
    for (const auto& text : addresses) made.addresses.push_back(parse_address(text).value());
    return made;
}

inline Answer failure(const std::string& name, Outcome outcome) {
    auto made = answer(name, {});
    made.outcome = outcome;
    return made;
}

} // namespace sweepgate::test
