// SPDX-License-Identifier: Apache-2.0
// The admin requests that sweepgated answers, as JSON. Keys are stable: they are added to, never
// renamed. Times are RFC 3339 in UTC, durations in seconds.
//
//   status                          generation, systems, last round, gates, alarms
//   gates     ""                    generation, digest and who holds it: the rows of status
//   health    ""                    "ok", "degraded" or "broken", and a line for each fault
//   gates-forget  NAME              no longer expects that gate
//   why       ADDRESS               who lists it, why, and what each gate says
//   plan      policy text or ""     what would be enforced, and how that differs from now
//   plan-at   "mon 12:30", a line feed, the same: what would be enforced then
//   plan-snapshot  as plan:       that snapshot, sealed with a key that no gate trusts
//   top       BY MOST MINUTES       whom gates hit most: by client, system, port or all three
//   events    "" or MOST            clients, systems and ports that were not seen for an hour;
//                                   alarms as they came
//   history   NAME or ADDRESS       sightings
//   audit, generations, policies    the last 100 of each
//   audit-verify                    that each entry of the audit is as it was written
//   policy    NUMBER or ""          that policy as it was filed, with its lists; the one in force
//   policy-diff  "A B", "A" or ""   which lines came and went between two policies
//   diff      "A B", "A" or ""      what came and went between two generations, see changes.hpp
//   push      policy text           parse, build, file, publish; options file, message, yes, ask
//   rollback  "" or policy number   the same with what is filed; options message, yes, ask.
//                                   What all four answer: decision_verbs.hpp
//   approve   SYSTEM                lets a held address set through
//   refuse    SYSTEM                keeps the last good one, also behind a restart
//   refresh   ""                    asks every name now
//   backup    ""                    copies the databases, for `sweepgate backup`; see
//   backup_verb.hpp
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "controlplane/controller/controller.hpp"
#include "controlplane/controller/event_log.hpp"
#include "controlplane/wire/publisher.hpp"

namespace sweepgate::controller {

/// The verbs that change nothing; a viewer's key may use them.
[[nodiscard]] std::map<std::string, wire::Effort> reading_verbs();

/// What a verb needs of the world beside the controller.
struct Surroundings {
    std::function<std::vector<wire::PeerState>()> gates;
    std::function<Result<std::vector<ProbeAnswer>>(const Address&)> probe;
    std::function<std::map<std::string, std::uint64_t>()> wire_counters;
    std::function<void()> hurry_sweep; // asks everything at once
    std::function<Result<std::vector<TopAnswer>>(const TopQuery&)> top;
    const EventLog* events = nullptr;
    std::function<void()> take_names; // catalog or policy have changed
    std::function<Cadence::Tally()> cadence;
    std::function<bool(const std::string&)> forget_gate;    // false: there is none of that name
    std::function<void(const wire::Refusal&)> note_refused; // for the audit
    std::function<Status(const std::filesystem::path&)> copy_watch; // Watch::copy_to()
};

/// Every changing verb is written to the audit log with its outcome.
[[nodiscard]] wire::AdminReply answer(Controller& controller, const Surroundings& surroundings,
                                      const wire::Peer& peer, const wire::AdminRequest& request);

} // namespace sweepgate::controller
