// SPDX-License-Identifier: Apache-2.0
// The verb `why`: who lists an address, why or why not, and what each gate says.
//
//   ADDRESS    verdict, provenance, gates; an IPv4 address in IPv6 form is that IPv4 address
//   PREFIX     what is listed, allowed, held and refused inside it
//   HOSTNAME   each address that it was seen with, and its verdict
//
// With options {"for": CLIENT, "port": PORT[/tcp|/udp], "at": TIME}: the verdict for that packet.
#pragma once

#include <algorithm>

#include <nlohmann/json.hpp>

#include "controlplane/controller/verbs.hpp"

namespace sweepgate::controller {

[[nodiscard]] wire::AdminReply why(Controller& controller, const Surroundings& surroundings,
                                   const wire::AdminRequest& request);

/// {"gate", "kind", "answered": false, "error": "did not answer (last heard 22 s ago)",
/// "seen_s_ago": 22, "generation", "action": null}.
[[nodiscard]] nlohmann::json unheard_row(const wire::PeerState& gate);

/// The gates that a question went to and no answer came from.
template <typename Answers>
[[nodiscard]] nlohmann::json unheard(const std::vector<wire::PeerState>& gates,
                                     const Answers& answers) {
    auto rows = nlohmann::json::array();
    for (const auto& gate : gates) {
        const auto spoke = [&](const auto& answer) { return answer.gate == gate.gate; };
        if (std::any_of(answers.begin(), answers.end(), spoke)) continue;
        rows.push_back(unheard_row(gate));
    }
    return rows;
}

/// Why nothing is known of a name: a letter may be wrong.
[[nodiscard]] std::string why_unknown(const Controller& controller, const std::string& hostname);

} // namespace sweepgate::controller
