// SPDX-License-Identifier: Apache-2.0
// What a person writes about an IM system, in the catalog and in a policy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "controlplane/model/system.hpp"

namespace sweepgate {

enum class Treatment : std::uint8_t {
    pass = 1,     // left alone, never swept
    monitor = 2,  // counted, never stopped
    limit = 6,    // counted, and stopped in silence over a number of packets a second
    reject = 3,   // stopped; the client is told
    block = 4,    // stopped in silence
    sanction = 5, // allowed explicitly: its addresses are judged before everything else
};

[[nodiscard]] std::string_view to_string(Treatment treatment);
[[nodiscard]] std::optional<Treatment> treatment_from(std::string_view word);
/// "is not pass, monitor, limit, reject, block or sanction; did you mean 'block'?"
[[nodiscard]] std::string not_a_treatment(std::string_view word);
/// What a gate does; `sanction` is pass, because its addresses stand in `allow`.
[[nodiscard]] Action to_action(Treatment treatment);

} // namespace sweepgate
