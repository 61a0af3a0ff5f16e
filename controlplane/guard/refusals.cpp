// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/refusals.hpp"

#include <algorithm>

#include "controlplane/guard/embedded.hpp"
#include "controlplane/guard/public_space.hpp"

namespace sweepgate {

namespace {

std::vector<Guarded> named(const std::vector<Prefix>& prefixes) {
    std::vector<Guarded> named;
    for (const auto& prefix : prefixes) named.push_back({prefix, to_string(prefix)});
    return named;
}

constexpr unsigned shortest_static(Family family) { return family == Family::ipv4 ? 8 : 16; }

} // namespace

Refusals::Refusals(const GuardContext& context)
    : context_(context), own_networks_(named(context.own)), own_(own_networks_),
      protected_(context.protected_addresses), sanctioned_(context.sanctioned),
      never_(context.never_block), in_use_(context.in_use), sinkholes_(context.sinkholes),
      doubtful_(context.doubtful) {}

std::vector<Prefix> Refusals::inside(const Prefix& prefix) const {
    std::vector<Prefix> found;
    for (const auto* index : {&protected_, &sanctioned_, &never_, &in_use_})
        index->append_inside(prefix, found);
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<Prefix> Refusals::own_inside(const Prefix& prefix) const {
    std::vector<Prefix> found;
    own_.append_inside(prefix, found);
    std::sort(found.begin(), found.end());
    return found;
}

std::optional<Refused> Refusals::of_guarded(const Prefix& prefix) const {
    if (const auto* item = own_.covering(prefix))
        return Refused{Refusal::own_network, "in the own network " + item->what};
    if (const auto* item = never_.covering(prefix))
        return Refused{Refusal::never_block, "on the never-block list: " + item->what};
    if (const auto* item = in_use_.covering(prefix))
        return Refused{Refusal::in_use, "in use here: " + item->what};
    if (const auto* item = sanctioned_.covering(prefix))
        return Refused{Refusal::sanctioned, "sanctioned: " + item->what};
    return std::nullopt;
}

/// Blocking 2002:0a00:0001:: blocks 10.0.0.1, whatever is treated as public otherwise.
std::optional<Refused> Refusals::of_embedded(const Prefix& prefix) const {
    if (!is_host(prefix)) return std::nullopt;
    const auto inner = embedded_ipv4(prefix.address, context_.nat64);
    if (!inner) return std::nullopt;
    const auto as_host = host(inner->ipv4);
    auto refused = of_guarded(as_host);
    if (!refused)
        if (const auto why = why_not_public(as_host, context_.treat_as_public))
            refused = Refused{Refusal::not_public, "not a public address: " + *why};
    if (!refused)
        if (const auto* item = protected_.covering(as_host))
            refused = Refused{Refusal::protected_host, "protected: " + item->what};
    if (refused)
        refused->words = "holds " + to_string(inner->ipv4) + " (" + std::string(inner->how) +
                         "), " + refused->words;
    return refused;
}

std::optional<Refused> Refusals::of_place(const Prefix& prefix) const {
    if (auto refused = of_guarded(prefix)) return refused;
    if (const auto why = why_not_public(prefix, context_.treat_as_public))
        return Refused{Refusal::not_public, "not a public address: " + *why};
    return of_embedded(prefix);
}

std::optional<Refused> Refusals::of_static(const Candidate& candidate) const {
    const auto& prefix = candidate.prefix;
    if (auto refused = of_place(prefix)) return refused;
    const auto shortest = shortest_static(prefix.address.family);
    if (prefix.length < shortest)
        return Refused{Refusal::too_wide,
                       "wider than /" + std::to_string(shortest) + ", too much to enforce"};
    if (const auto* item = protected_.covering(prefix))
        return Refused{Refusal::protected_host, "protected: " + item->what};
    return std::nullopt;
}

std::optional<Refused> Refusals::of_host(const Candidate& candidate, std::size_t operators,
                                         const std::string& flood) const {
    const auto& prefix = candidate.prefix;
    if (auto refused = of_place(prefix)) return refused;
    if (!is_host(prefix))
        return Refused{Refusal::too_wide, "wider than one address, which DNS cannot give"};
    if (const auto* item = sinkholes_.covering(prefix))
        return Refused{Refusal::sinkhole, "a sinkhole: " + item->what};
    if (const auto* item = doubtful_.covering(prefix); item != nullptr && candidate.resolvers < 2)
        return Refused{Refusal::sinkhole, "a sinkhole: " + item->what};
    if (operators >= context_.sinkhole_operators)
        return Refused{Refusal::sinkhole,
                       "a sinkhole: names of " + std::to_string(operators) + " operators have it"};
    if (const auto* item = protected_.covering(prefix))
        return Refused{Refusal::protected_host, "protected: " + item->what};
    if (auto refused = of_admin(candidate)) return refused;
    if (!flood.empty()) return Refused{Refusal::flood, "a flood: " + flood};
    if (auto refused = of_chain(candidate)) return refused;
    return of_quorum(candidate);
}

std::optional<Refused> Refusals::of_admin(const Candidate& candidate) const {
    const auto system = context_.refused_by_admin.find(candidate.system);
    if (system == context_.refused_by_admin.end()) return std::nullopt;
    const auto found = system->second.find(candidate.prefix.address);
    if (found == system->second.end()) return std::nullopt;
    return Refused{Refusal::by_admin, "refused by " + found->second};
}

/// Every hop counts: who owns one of them chooses the address.
std::optional<Refused> Refusals::of_chain(const Candidate& candidate) const {
    const auto is_network = [&](const std::string& hop) {
        return !context_.networks.zone_of(hop, NetworkKind::cdn).empty() ||
               !context_.networks.zone_of(hop, NetworkKind::cloud).empty() ||
               !context_.networks.zone_of(hop, NetworkKind::redirect).empty();
    };
    for (const auto& hop : candidate.chain) {
        if (context_.zones.owns(candidate.operator_name, hop) || is_network(hop) ||
            context_.zones.is_approved(candidate.system, hop) ||
            registrable(hop) == registrable(candidate.hostname))
            continue;
        return Refused{Refusal::foreign_chain,
                       "the chain of " + candidate.hostname + " leaves the zones of " +
                           candidate.operator_name + " at " + hop + "; [guard.zones] " +
                           candidate.system + " = [\"" + registrable(hop) + "\"] would approve it"};
    }
    return std::nullopt;
}

std::chrono::seconds lifetime_of(const Candidate& candidate) {
    return std::chrono::seconds(std::max<std::uint32_t>(candidate.ttl, 1));
}

std::optional<Refused> Refusals::of_quorum(const Candidate& candidate) const {
    const auto needed = std::min<std::size_t>(context_.belief.quorum, context_.resolvers);
    if (candidate.in_force || candidate.resolvers >= needed) return std::nullopt;
    const auto apart = candidate.last_seen - candidate.first_seen;
    const auto lifetime = lifetime_of(candidate);
    const auto contested = context_.contested.find(candidate.hostname);
    const bool repeats = candidate.sightings >= 2 && apart >= lifetime;
    if (repeats && context_.belief.repeats && contested == context_.contested.end())
        return std::nullopt;
    auto words =
        "no quorum: " + std::to_string(candidate.resolvers) + " of " + std::to_string(needed) +
        " resolvers said so, in " + std::to_string(candidate.sightings) + " answers over " +
        std::to_string(apart.count()) + " s with a TTL of " + std::to_string(candidate.ttl) + " s";
    if (contested != context_.contested.end()) words += "; " + contested->second;
    return Refused{Refusal::quorum, std::move(words)};
}

} // namespace sweepgate
