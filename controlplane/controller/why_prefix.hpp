// SPDX-License-Identifier: Apache-2.0
// What is in force inside a prefix, part by part.
#pragma once

#include <nlohmann/json.hpp>

#include "controlplane/controller/why_standing.hpp"

namespace sweepgate::controller {

/// {"summary", "listed": [{"prefix", "scope", "systems"}], "allowed": [prefix], "exceptions":
/// [...], "held": [{"system", "address", "reason"}], "refused": [judgement]}, at most 100 of each;
/// "left_out" says of how many more.
[[nodiscard]] nlohmann::json parts_of(const WhyFacts& facts, const Prefix& prefix);

} // namespace sweepgate::controller
