// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/sharing.hpp"

#include <algorithm>
#include <set>

#include "controlplane/catalog/hostname.hpp"

namespace sweepgate {

namespace {

constexpr int kProof = 100;
constexpr int kEachObserved = 20;

std::string in_network(const Prefix& prefix, const Network& network) {
    return "in " + to_string(prefix) + " of " + network.provider + " (" +
           std::string(to_string(network.kind)) + ")";
}

} // namespace

const Network* SharingEvidence::network_at(const Prefix& prefix, NetworkKind kind) const {
    for (const auto& network : context_.networks)
        if (network.kind == kind)
            for (const auto& range : network.prefixes)
                if (range.contains(prefix)) return &network;
    return nullptr;
}

std::string_view SharingEvidence::zone_of(std::string_view name, NetworkKind kind) const {
    for (const auto& network : context_.networks)
        if (network.kind == kind)
            for (const auto& zone : network.zones)
                if (is_under(name, zone)) return zone;
    return {};
}

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
        if (const auto* network = network_at(candidate.prefix, kind)) {
            const auto range = std::find_if(
                network->prefixes.begin(), network->prefixes.end(),
                [&](const Prefix& prefix) { return prefix.contains(candidate.prefix); });
            found.push_back({points, in_network(*range, *network)});
        }
    const auto& end = candidate.chain.empty() ? candidate.hostname : candidate.chain.back();
    if (const auto zone = zone_of(end, NetworkKind::cdn); !zone.empty())
        found.push_back({kProof, "reached through " + std::string(zone) + ", a content network"});
    else if (const auto cloud = zone_of(end, NetworkKind::cloud); !cloud.empty())
        found.push_back({10, "reached through " + std::string(cloud) + ", a cloud"});
}

void SharingEvidence::add_reverse(const Candidate& candidate, std::vector<Evidence>& found) const {
    const auto known = context_.reverse_names.find(candidate.prefix.address);
    if (known == context_.reverse_names.end() || known->second.empty()) return;
    const auto& name = known->second;
    if (const auto zone = zone_of(name, NetworkKind::cdn); !zone.empty())
        found.push_back({60, "its reverse name is " + name + ", of a content network"});
    else if (context_.zones.owns(candidate.operator_name, name))
        found.push_back({-30, "its reverse name is " + name + ", the operator's own"});
    else
        found.push_back({20, "its reverse name is " + name + ", somebody else's"});
}

void SharingEvidence::add_observed(const Candidate& candidate, std::vector<Evidence>& found) const {
    const auto seen = context_.observed.find(candidate.prefix.address);
    if (seen == context_.observed.end()) return;
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
