// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/guard.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "controlplane/guard/content_network.hpp"
#include "controlplane/guard/public_space.hpp"

namespace sweepgate {

namespace {

constexpr unsigned shortest_static(Family family) { return family == Family::ipv4 ? 8 : 16; }

bool is_host(const Prefix& prefix) { return prefix.length == width(prefix.address.family); }

/// Guarded prefixes, found fast by address. Hosts are hashed; wider ones are few.
class GuardedIndex {
public:
    explicit GuardedIndex(const std::vector<Guarded>& guarded) {
        for (const auto& item : guarded)
            if (is_host(item.prefix))
                hosts_.emplace(item.prefix.address, &item);
            else
                wide_.push_back(&item);
    }

    /// The one that contains the whole of `prefix`, or nullptr.
    [[nodiscard]] const Guarded* covering(const Prefix& prefix) const {
        if (is_host(prefix))
            if (const auto found = hosts_.find(prefix.address); found != hosts_.end())
                return found->second;
        for (const auto* item : wide_)
            if (item->prefix.contains(prefix)) return item;
        return nullptr;
    }

    void append_inside(const Prefix& prefix, std::vector<Prefix>& found) const {
        for (const auto& [address, item] : hosts_)
            if (prefix.contains(address)) found.push_back(item->prefix);
        for (const auto* item : wide_)
            if (prefix.contains(item->prefix)) found.push_back(item->prefix);
    }

private:
    std::unordered_map<Address, const Guarded*> hosts_;
    std::vector<const Guarded*> wide_;
};

/// Whose names have one address.
struct Users {
    std::set<std::string_view> operators;
    std::set<std::string_view> systems;
    std::string_view shared_name; // any shared name among them
};

class Guard {
public:
    Guard(std::span<const Candidate> candidates, const GuardContext& context)
        : context_(context), protected_(context.protected_addresses),
          sanctioned_(context.sanctioned), never_(context.never_block), in_use_(context.in_use),
          sinkholes_(context.sinkholes.begin(), context.sinkholes.end()) {
        for (const auto& candidate : candidates) {
            if (candidate.hostname.empty()) continue;
            auto& users = users_[candidate.prefix.address];
            users.operators.insert(candidate.operator_name);
            users.systems.insert(candidate.system);
            if (candidate.shared_name) users.shared_name = candidate.hostname;
        }
    }

    [[nodiscard]] Judgement judge(const Candidate& candidate) const {
        Judgement judgement{
            candidate.prefix, candidate.system, candidate.hostname, Disposition::refused, {}, {}};
        if (auto why = why_refused(candidate)) {
            judgement.reason = std::move(*why);
        } else if (candidate.hostname.empty()) {
            judge_static(candidate, judgement);
        } else if (auto shared = why_shared(candidate)) {
            judgement.disposition = Disposition::shared;
            judgement.reason = std::move(*shared);
        } else {
            judgement.disposition = Disposition::exclusive;
            judgement.reason = "an address of " + candidate.hostname + " alone";
        }
        return judgement;
    }

private:
    [[nodiscard]] std::optional<std::string> why_refused(const Candidate& candidate) const {
        const auto& prefix = candidate.prefix;
        for (const auto& own : context_.own)
            if (own.overlaps(prefix)) return "in the own network " + to_string(own);
        if (const auto* item = never_.covering(prefix))
            return "on the never-block list: " + item->what;
        if (const auto* item = in_use_.covering(prefix)) return "in use here: " + item->what;
        if (const auto* item = sanctioned_.covering(prefix)) return "sanctioned: " + item->what;
        if (const auto why = why_not_public(prefix, context_.treat_as_public))
            return "not a public address: " + *why;
        if (candidate.hostname.empty()) return why_static_refused(prefix);
        return why_host_refused(candidate);
    }

    [[nodiscard]] std::optional<std::string> why_static_refused(const Prefix& prefix) const {
        const auto shortest = shortest_static(prefix.address.family);
        if (prefix.length < shortest)
            return "wider than /" + std::to_string(shortest) + ", too much to enforce";
        if (const auto* item = protected_.covering(prefix)) return "protected: " + item->what;
        return std::nullopt;
    }

    [[nodiscard]] std::optional<std::string> why_host_refused(const Candidate& candidate) const {
        const auto& prefix = candidate.prefix;
        if (!is_host(prefix)) return "wider than one address, which DNS cannot give";
        if (sinkholes_.contains(prefix.address)) return "a known sinkhole";
        const auto operators = users_.at(prefix.address).operators.size();
        if (operators >= context_.sinkhole_operators)
            return "a sinkhole: names of " + std::to_string(operators) + " operators have it";
        if (const auto* item = protected_.covering(prefix)) return "protected: " + item->what;
        return std::nullopt;
    }

    [[nodiscard]] std::optional<std::string> why_shared(const Candidate& candidate) const {
        if (candidate.shared_name) return candidate.hostname + " serves others too";
        if (candidate.shared_space) return "in address space that serves others too";
        const auto& users = users_.at(candidate.prefix.address);
        if (!users.shared_name.empty())
            return "also the address of " + std::string(users.shared_name) +
                   ", which serves others too";
        if (users.operators.size() >= context_.shared_operators)
            for (const auto other : users.systems)
                if (other != candidate.system) return "also used by " + std::string(other);
        const auto& end = candidate.chain.empty() ? candidate.hostname : candidate.chain.back();
        if (const auto zone = content_network(end); !zone.empty())
            return "reached through " + std::string(zone) + ", a content network";
        return std::nullopt;
    }

    void judge_static(const Candidate& candidate, Judgement& judgement) const {
        judgement.disposition = Disposition::exclusive;
        for (const auto* index : {&protected_, &sanctioned_, &never_, &in_use_})
            index->append_inside(candidate.prefix, judgement.allow_first);
        std::sort(judgement.allow_first.begin(), judgement.allow_first.end());
        judgement.reason = "a listed prefix of " + candidate.system;
        if (!judgement.allow_first.empty())
            judgement.reason +=
                "; allowed first inside it: " + std::to_string(judgement.allow_first.size());
    }

    const GuardContext& context_;
    GuardedIndex protected_;
    GuardedIndex sanctioned_;
    GuardedIndex never_;
    GuardedIndex in_use_;
    std::unordered_set<Address> sinkholes_;
    std::unordered_map<Address, Users> users_;
};

} // namespace

std::string_view to_string(Disposition disposition) {
    switch (disposition) {
    case Disposition::exclusive: return "exclusive";
    case Disposition::shared: return "shared";
    case Disposition::refused: return "refused";
    }
    return "unknown";
}

std::vector<Judgement> evaluate(std::span<const Candidate> candidates,
                                const GuardContext& context) {
    const Guard guard(candidates, context);
    std::vector<Judgement> judgements;
    judgements.reserve(candidates.size());
    for (const auto& candidate : candidates) judgements.push_back(guard.judge(candidate));
    return judgements;
}

} // namespace sweepgate
