// SPDX-License-Identifier: Apache-2.0
// The verb `events`: whom gates saw for the first time, oldest first, so that the newest stands
// last.
#pragma once

#include "controlplane/controller/request_options.hpp"
#include "controlplane/controller/verbs.hpp"
#include "controlplane/model/port_class.hpp"

namespace sweepgate::controller {

/// Which events are wanted; what is empty keeps none away.
struct EventFilter {
    std::optional<Prefix> client; // events of clients inside it
    std::string system;
    std::optional<PortClass> only;
    Instant since{};

    [[nodiscard]] bool takes(const GateEvent& said) const;
    [[nodiscard]] bool is_empty() const;
};

///   options  {"client": address or prefix, "system", "class", "since": "10m", "2h", "1d" before
///            `now`, or RFC 3339}
///   errors   bad_input naming the value
[[nodiscard]] Result<EventFilter> read_event_filter(const RequestOptions& options, Instant now);

/// At most `most` of them, oldest first.
[[nodiscard]] std::vector<GateEvent> wanted_events(std::vector<GateEvent> newest_first,
                                                   const EventFilter& filter, std::size_t most);

/// {"events", "suppressed", "alarms", "started": since when this controller listens, "filtered"}.
[[nodiscard]] wire::AdminReply events(const Controller& controller,
                                      const Surroundings& surroundings,
                                      const wire::AdminRequest& request);

} // namespace sweepgate::controller
