// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/sharing.hpp"

#include <algorithm>
#include <set>

#include "controlplane/catalog/hostname.hpp"

namespace sweepgate {

namespace {

constexpr int kProof = 100;
constexpr int kEachObserved = 20;

std::string in_network(const Networks::Match& match) {
    return "in " + to_string(match.range) + " of " + match.network->provider + " (" +
           std::string(to_string(match.network->kind)) + ")";
}

} // namespace

void SharingEvidence::add_names(const Candidate& candidate, const AddressUsers& users,
                                std::vector<Evidence>& found) const {
    if (candidate.shared_name)
        found.push_back({kProof, candidate.hostname + " serves others too"});
    else if (!users.shared_name.empty())
        found.push_back({kProof, "also the address of " + std::string(users.shared_name) +
                                     ", which serves others too"});
    if (candidate.shared_space)
        found.push_back({kProof, "in address space that serves others too"});
    for (std::size_t i = 0; i < users.systems.size(); ++i)
        if (users.of[i] != candidate.operator_name) {
            found.push_back({kProof, "also used by " + std::string(users.systems[i])});
            break;
        }
    if (candidate.by_service_record &&
        !context_.zones.owns(candidate.operator_name, candidate.hostname) &&
        !context_.zones.is_approved(candidate.system, candidate.hostname))
        found.push_back({50, "an SRV record of " + candidate.system + " points to " +
                                 candidate.hostname + ", outside its zones"});
}

void SharingEvidence::add_networks(const Candidate& candidate, std::vector<Evidence>& found) const {
    for (const auto& [kind, points] :
         {std::pair{NetworkKind::cdn, kProof}, std::pair{NetworkKind::cloud, 30}})
        if (const auto match = context_.networks.covering(candidate.prefix, kind))
            found.push_back({points, in_network(*match)});
    const auto& end = candidate.chain.empty() ? candidate.hostname : candidate.chain.back();
    if (const auto zone = context_.networks.zone_of(end, NetworkKind::cdn); !zone.empty())
        found.push_back({kProof, "reached through " + std::string(zone) + ", a content network"});
    else if (const auto cloud = context_.networks.zone_of(end, NetworkKind::cloud); !cloud.empty())
        found.push_back({10, "reached through " + std::string(cloud) + ", a cloud"});
}

void SharingEvidence::add_reverse(const Candidate& candidate, std::vector<Evidence>& found) const {
    if (context_.reverse_names == nullptr) return;
    const auto known = context_.reverse_names->find(candidate.prefix.address);
    if (known == context_.reverse_names->end() || known->second.name.empty()) return;
    const auto& name = known->second.name;
    const auto add = [&](int points, const char* whose) {
        found.push_back({points, "its reverse name is " + name + ", " + whose});
    };
    if (!context_.networks.zone_of(name, NetworkKind::cdn).empty())
        add(60, "of a content network");
    else if (context_.zones.owns(candidate.operator_name, name))
        add(-30, "the operator's own");
    else if (!context_.networks.zone_of(name, NetworkKind::cloud).empty())
        add(0, "of a cloud");
    else
        add(20, "somebody else's");
}

void SharingEvidence::add_observed(const Candidate& candidate, std::vector<Evidence>& found) const {
    if (context_.observed == nullptr) return;
    const auto seen = context_.observed->find(candidate.prefix.address);
    if (seen == context_.observed->end()) return;
    std::set<std::string> owners;
    for (const auto& name : seen->second.names)
        if (!context_.zones.owns(candidate.operator_name, name)) owners.insert(registrable(name));
    const auto count = owners.size() + seen->second.more;
    if (count == 0) return;
    const auto points = static_cast<int>(std::min<std::size_t>(count * kEachObserved, kProof));
    std::string words = "an observer saw names of " + std::to_string(count) + " unrelated owners";
    if (!owners.empty()) words += " (" + *owners.begin() + (count > 1 ? ", ...)" : ")");
    found.push_back({points, std::move(words)});
}

std::vector<Evidence> SharingEvidence::of(const Candidate& candidate,
                                          const AddressUsers& users) const {
    std::vector<Evidence> found;
    add_names(candidate, users, found);
    add_networks(candidate, found);
    add_reverse(candidate, found);
    add_observed(candidate, found);
    if (candidate.authenticated) found.push_back({0, "the resolver says DNSSEC validated it"});
    std::stable_sort(found.begin(), found.end(),
                     [](const Evidence& a, const Evidence& b) { return a.points > b.points; });
    return found;
}

} // namespace sweepgate
