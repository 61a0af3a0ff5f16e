// SPDX-License-Identifier: Apache-2.0
// What came and went, by system and name: `sweepgate diff A B` and the changes of a plan.
//
//   {"systems": [{"system": "irc", "added": [{"prefix": "203.0.113.7/32",
//                 "names": ["irc.example.net"]}], "removed": [], "now_shared": [],
//                 "now_exclusive": []}], "left_out": 0}
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "controlplane/controller/controller.hpp"
#include "controlplane/guard/difference.hpp"
#include "controlplane/wire/admin.hpp"

namespace sweepgate::controller {

[[nodiscard]] nlohmann::json to_json(const Difference& difference);

///   returns  {"system", "reason", "before", "after", "refused_by", "added": [...], "removed":
///            [...]}, at most 1,000 of each
[[nodiscard]] nlohmann::json to_json(const Hold& hold, const NamesOf& names_of);

/// Names of the address book, of a system and its address.
[[nodiscard]] NamesOf names_in_book(const Controller& controller);

///   argument  "A B": two generations; "A": from A to the newest; "": the newest and the one
///             before it
///   returns   the above and {"from": A, "to": B}
/// Errors: bad_input for another argument, not_found for a generation that is not kept.
[[nodiscard]] wire::AdminReply diff(const Controller& controller, const std::string& argument);

} // namespace sweepgate::controller
