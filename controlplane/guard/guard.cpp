// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/guard.hpp"

#include <algorithm>

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

    [[nodiscard]] Judgement judge(const Candidate& candidate, const std::string& flood) const {
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
        } else if (candidate.hostname.empty()) {
            judge_static(candidate, judgement);
        } else {
            judge_host(candidate, judgement);
        }
        return judgement;
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
    }

    const GuardContext& context_;
    Refusals refusals_;
    SharingEvidence sharing_;
    std::unordered_map<Address, AddressUsers> users_;
};

} // namespace

std::vector<Judgement> evaluate(std::span<const Candidate> candidates,
                                const GuardContext& context) {
    const Guard guard(candidates, context);
    const auto floods = find_floods(candidates, context.belief);
    std::vector<Judgement> judgements;
    judgements.reserve(candidates.size());
    for (std::size_t i = 0; i < candidates.size(); ++i)
        judgements.push_back(guard.judge(candidates[i], floods[i]));
    return judgements;
}

} // namespace sweepgate
