// SPDX-License-Identifier: Apache-2.0
// Who was hit, over all gates, as JSON.
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "controlplane/controller/event_log.hpp"

namespace sweepgate::controller {

/// "BY [MOST [MINUTES]]", e.g. "client 20 5"; "" is "client 20 0". Errors: bad_input naming it.
[[nodiscard]] Result<TopQuery> parse_top_query(std::string_view text);

/// Errors: bad_input for what is no number within least..most.
[[nodiscard]] Result<std::uint32_t> parse_number(std::string_view word, std::uint32_t least,
                                                 std::uint32_t most);

/// What all gates say as one: packets and errors add up, and a gate that does not name a talker
/// adds as much as it may have seen of it. At most `most` rows.
[[nodiscard]] TopAnswer merged(const std::vector<TopAnswer>& answers, std::size_t most);

[[nodiscard]] nlohmann::json to_json(const TopQuery& query, const std::vector<TopAnswer>& answers);
[[nodiscard]] nlohmann::json to_json(const GateEvent& event);
/// {"own": 3, "evasion": 1, "other": 0, "none": 0}
[[nodiscard]] nlohmann::json to_json(const std::array<std::uint64_t, kPortClasses>& classes);

} // namespace sweepgate::controller
