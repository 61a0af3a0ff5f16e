// SPDX-License-Identifier: Apache-2.0
// One message, read as the answer to a question about kName.
#pragma once

#include "resolver/reader.hpp"
#include "tests/unit/resolver/wire_text.hpp"

namespace sweepgate::test {

inline constexpr auto kName = "www.example.com";

inline Answer read(AnswerMessage message, RrType type = RrType::a) {
    return read_answer(message.octets(), {kName, type});
}

inline std::string outcome(const Answer& answer) { return std::string(to_string(answer.outcome)); }

} // namespace sweepgate::test
