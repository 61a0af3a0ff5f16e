// SPDX-License-Identifier: Apache-2.0
// The verb `top`: whom the gates hit most. Figures of gates that did not speak are in no sum, and
// the answer says which those are.
#pragma once

#include <nlohmann/json.hpp>

#include "controlplane/controller/verbs.hpp"
#include "controlplane/model/port_class.hpp"

namespace sweepgate::controller {

struct TopRequest {
    TopQuery query;
    bool by_gate = false;
    std::optional<PortClass> only; // hits of one class of port
};

/// "BY [MOST [MINUTES]]" as parse_top_query() takes it, BY also "gate"; `only` empty or a class.
/// Errors: bad_input naming the word.
[[nodiscard]] Result<TopRequest> parse_top_request(std::string_view text, std::string_view only);

/// The question to the gates: by class they are asked for everything, and it is put together here.
[[nodiscard]] TopQuery question_of(const TopRequest& request);

/// Rows of one class, put together by what the request tells apart. `hidden` becomes the packets
/// that no row of the answer holds: those of the class among them are missing.
[[nodiscard]] TopAnswer only_class(const TopAnswer& answer, const std::vector<System>& systems,
                                   const TopRequest& request, std::uint64_t& hidden);

///   gates    every gate that is expected to speak
///   answers  what came; a gate that counts by system only is told from its report where it can be
[[nodiscard]] nlohmann::json top_json(const TopRequest& request, std::vector<TopAnswer> answers,
                                      const std::vector<wire::PeerState>& gates,
                                      const std::vector<System>& systems);

[[nodiscard]] wire::AdminReply top(const Controller& controller, const Surroundings& surroundings,
                                   const wire::AdminRequest& request);

} // namespace sweepgate::controller
