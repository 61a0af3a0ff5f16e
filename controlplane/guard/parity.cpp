// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/parity.hpp"

#include <map>
#include <set>

namespace sweepgate {

namespace {

struct Families {
    std::size_t enforced4 = 0;
    std::size_t enforced6 = 0;
    std::size_t answered6 = 0;
    std::map<Refusal, std::size_t> refused6;
    std::size_t asked6 = 0;
    std::size_t failed6 = 0; // names
};

std::string why_none(const Families& families) {
    std::string words = "answers AAAA with " + std::to_string(families.answered6) +
                        " addresses, but none is enforced: ";
    if (families.refused6.empty()) return words + "the set is held";
    bool first = true;
    for (const auto& [refusal, count] : families.refused6) {
        words +=
            (first ? "" : ", ") + std::to_string(count) + " " + std::string(to_string(refusal));
        first = false;
    }
    return words;
}

std::map<std::string, Families> count(const SnapshotPlan& plan, std::span<const NameState> names) {
    std::map<std::string, Families> found;
    for (const auto& listing : plan.parts.listings) {
        auto& families = found[plan.parts.systems[listing.system].id];
        ++(listing.prefix.address.family == Family::ipv4 ? families.enforced4 : families.enforced6);
    }
    for (const auto& judgement : plan.judgements) {
        if (judgement.hostname.empty() || judgement.prefix.address.family == Family::ipv4) continue;
        auto& families = found[judgement.system];
        ++families.answered6;
        if (judgement.refusal != Refusal::none) ++families.refused6[judgement.refusal];
    }
    for (const auto& name : names) {
        if (name.type != Family::ipv6 || name.name.role > Role::shared) continue;
        auto& families = found[name.name.system];
        ++families.asked6;
        if (name.last_outcome > NameOutcome::no_such_name && name.last_answered == Instant{})
            ++families.failed6;
    }
    return found;
}

} // namespace

std::vector<ParityAlarm> check_parity(const SnapshotPlan& plan, std::span<const NameState> names) {
    const auto found = count(plan, names);
    std::vector<ParityAlarm> alarms;
    for (const auto& system : plan.parts.systems) {
        const auto place = found.find(system.id);
        if (place == found.end() || place->second.enforced6 > 0) continue;
        const auto& families = place->second;
        if (families.answered6 > 0)
            alarms.push_back({system.id, why_none(families)});
        else if (families.enforced4 > 0 && families.asked6 > 0 &&
                 families.failed6 == families.asked6)
            alarms.push_back({system.id, "nobody knows its IPv6 addresses: all " +
                                             std::to_string(families.asked6) +
                                             " AAAA questions failed"});
    }
    return alarms;
}

} // namespace sweepgate
