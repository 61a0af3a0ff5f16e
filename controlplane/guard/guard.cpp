// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/guard.hpp"

#include <algorithm>
#include <map>

#include "controlplane/guard/flood.hpp"
#include "controlplane/guard/refusals.hpp"
#include "controlplane/guard/sharing.hpp"

namespace sweepgate {

namespace {

template <typename List, typename Item>
bool insert_unique(List& list, const Item& item) {
    if (std::find(list.begin(), list.end(), item) != list.end()) return false;
    list.push_back(item);
    return true;
}

/// "; +100 in 104.16.0.0/13 of Cloudflare (cdn), -30 ...": at most three, the strongest.
std::string tell(const std::vector<Evidence>& evidence, std::size_t first) {
    std::string words;
    for (std::size_t i = first; i < evidence.size() && i < first + 3; ++i) {
        const auto points = evidence[i].points;
        words += i == first ? "; " : ", ";
        words += (points > 0 ? "+" : "") + std::to_string(points) + " " + evidence[i].words;
    }
    return words;
}

class Guard {
public:
    Guard(std::span<const Candidate> candidates, const GuardContext& context)
        : context_(context), refusals_(context), sharing_(context) {
        for (const auto& candidate : candidates) {
            if (candidate.hostname.empty()) continue;
            auto& users = users_[candidate.prefix.address];
            insert_unique(users.operators, std::string_view(candidate.operator_name));
            if (insert_unique(users.systems, std::string_view(candidate.system)))
                users.of.emplace_back(candidate.operator_name);
            if (candidate.shared_name) users.shared_name = candidate.hostname;
        }
    }

    /// Static prefixes before hosts: see published().
    [[nodiscard]] Judgement judge(const Candidate& candidate, const std::string& flood) {
        Judgement judgement;
        judgement.origin = candidate.origin;
        judgement.prefix = candidate.prefix;
        judgement.system = candidate.system;
        judgement.hostname = candidate.hostname;
        const auto refused = why_refused(candidate, flood);
        if (refused) {
            judgement.refusal = refused->refusal;
            judgement.contested = refused->refusal == Refusal::quorum &&
                                  context_.contested.contains(candidate.hostname);
            judgement.reason = refused->words;
            if (refused->refusal == Refusal::quorum) {
                judgement.waits_since = candidate.first_seen;
                judgement.waits_for = lifetime_of(candidate);
            }
        } else if (candidate.hostname.empty()) {
            judge_static(candidate, judgement);
            if (judgement.disposition == Disposition::exclusive)
                published_[candidate.system].push_back(candidate.prefix);
        } else {
            judge_host(candidate, judgement);
        }
        if (!candidate.answered_as.empty())
            judgement.reason += "; answered as " + candidate.answered_as;
        return judgement;
    }

    /// Of nested prefixes the widest stays.
    void finish_static() {
        for (auto& [system, prefixes] : published_) {
            std::sort(prefixes.begin(), prefixes.end());
            std::vector<Prefix> widest;
            for (const auto& prefix : prefixes)
                if (widest.empty() || !widest.back().contains(prefix)) widest.push_back(prefix);
            prefixes = std::move(widest);
        }
    }

private:
    [[nodiscard]] std::optional<Refused> why_refused(const Candidate& candidate,
                                                     const std::string& flood) const {
        if (candidate.hostname.empty()) return refusals_.of_static(candidate);
        const auto operators = users_.at(candidate.prefix.address).operators.size();
        return refusals_.of_host(candidate, operators, flood);
    }

    void judge_host(const Candidate& candidate, Judgement& judgement) const {
        auto& evidence = judgement.evidence;
        evidence = sharing_.of(candidate, users_.at(candidate.prefix.address));
        for (const auto& sign : evidence) judgement.score += sign.points;
        const int limit = static_cast<int>(context_.belief.shared_from);
        const bool shared = judgement.score >= limit;
        judgement.disposition = shared ? Disposition::shared : Disposition::exclusive;
        judgement.reason =
            (shared ? evidence.front().words : "an address of " + candidate.hostname + " alone") +
            " (sharing " + std::to_string(judgement.score) + ", shared from " +
            std::to_string(limit) + ")" + tell(evidence, shared ? 1 : 0);
        if (shared) judge_published(candidate, judgement);
    }

    /// Evidence opens nothing inside what is published as somebody's own.
    void judge_published(const Candidate& candidate, Judgement& judgement) const {
        const auto& address = candidate.prefix.address;
        if (const auto* own = published(candidate.system, address)) {
            judgement.disposition = Disposition::exclusive;
            judgement.reason = "inside " + to_string(*own) + ", a listed prefix of " +
                               candidate.system + ", which no sign of sharing opens; " +
                               judgement.reason;
            return;
        }
        for (const auto& [system, prefixes] : published_)
            if (const auto* other = published(system, address)) {
                judgement.reason +=
                    "; stopped on every port for " + system + ", which lists " + to_string(*other);
                return;
            }
    }

    /// The exclusive static prefix of a system that has the address, or nullptr.
    [[nodiscard]] const Prefix* published(const std::string& system, const Address& address) const {
        const auto found = published_.find(system);
        if (found == published_.end()) return nullptr;
        const auto& prefixes = found->second;
        const auto place = find_covering(prefixes.begin(), prefixes.end(), address,
                                         [](const Prefix& prefix) { return prefix; });
        return place == prefixes.end() ? nullptr : &*place;
    }

    void judge_static(const Candidate& candidate, Judgement& judgement) const {
        judgement.disposition = Disposition::exclusive;
        judgement.allow_first = refusals_.inside(candidate.prefix);
        judgement.reason = "a listed prefix of " + candidate.system;
        if (const auto found = context_.networks.covering(candidate.prefix, NetworkKind::cdn)) {
            judgement.disposition = Disposition::shared;
            judgement.reason += ", inside " + found->network->provider + ", a content network";
        }
        if (!judgement.allow_first.empty())
            judgement.reason +=
                "; allowed first inside it: " + std::to_string(judgement.allow_first.size());
        judgement.left_out = refusals_.own_inside(candidate.prefix);
        if (!judgement.left_out.empty())
            judgement.reason += "; without the own networks inside it: " +
                                std::to_string(judgement.left_out.size());
    }

    const GuardContext& context_;
    Refusals refusals_;
    SharingEvidence sharing_;
    std::unordered_map<Address, AddressUsers> users_;
    // By system; sorted and disjoint once finish_static() was called.
    std::map<std::string, std::vector<Prefix>> published_;
};

} // namespace

std::vector<Judgement> evaluate(std::span<const Candidate> candidates,
                                const GuardContext& context) {
    Guard guard(candidates, context);
    const auto floods = find_floods(candidates, context.belief);
    std::vector<Judgement> judgements(candidates.size());
    for (const bool of_dns : {false, true}) {
        for (std::size_t i = 0; i < candidates.size(); ++i)
            if (candidates[i].hostname.empty() != of_dns)
                judgements[i] = guard.judge(candidates[i], floods[i]);
        if (!of_dns) guard.finish_static();
    }
    return judgements;
}

} // namespace sweepgate
