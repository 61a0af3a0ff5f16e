// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/top.hpp"

#include "controlplane/controller/json.hpp"
#include "controlplane/controller/who.hpp"

namespace sweepgate::controller {

using wire::AdminReply;

AdminReply top(const Surroundings& surroundings, const std::string& argument) {
    const auto query = parse_top_query(argument);
    if (!query) return AdminReply::fault(query.error());
    // Each gate names as many as it can, so that the sum over gates is told well.
    const auto answers = surroundings.top({query->by, kMostTalkers, query->minutes});
    if (!answers) return AdminReply::fault(answers.error());
    return ok(to_json(*query, *answers));
}

} // namespace sweepgate::controller
