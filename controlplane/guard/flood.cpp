// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/flood.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

namespace sweepgate {

namespace {

// However many resolvers there are: the book keeps 1,024 addresses of a name, and a flood that it
// has cut to that must still be one.
constexpr std::size_t kMostAnswersAtOnce = 3;

using NameKey = std::tuple<std::string_view, std::string_view, Family>; // system, hostname
using AnswerKey = std::tuple<NameKey, Instant>;

NameKey name_of(const Candidate& candidate) {
    return {candidate.system, candidate.hostname, candidate.prefix.address.family};
}

/// First come, first served; what is in force before all else.
std::vector<std::size_t> by_seniority(std::span<const Candidate> candidates) {
    std::vector<std::size_t> order(candidates.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const auto rank = [](const Candidate& each) {
            return std::tuple(!each.in_force, each.first_seen);
        };
        return rank(candidates[a]) < rank(candidates[b]);
    });
    return order;
}

class Counter {
public:
    Counter(std::span<const Candidate> candidates, const Belief& belief) : belief_(belief) {
        for (const auto& candidate : candidates) {
            if (candidate.hostname.empty()) continue;
            auto& answer = answers_[{name_of(candidate), candidate.first_seen}];
            ++answer.addresses;
            answer.resolvers =
                std::clamp(candidate.resolvers, answer.resolvers, kMostAnswersAtOnce);
        }
    }

    std::string judge(const Candidate& candidate) {
        const auto& answer = answers_.at({name_of(candidate), candidate.first_seen});
        if (!candidate.in_force && answer.addresses > belief_.most_per_answer * answer.resolvers)
            return std::to_string(answer.addresses) + " addresses came at once, at most " +
                   std::to_string(belief_.most_per_answer) + " an answer";
        auto& of_system = systems_[candidate.system];
        auto& of_name = names_[name_of(candidate)];
        if (!candidate.in_force && of_name >= belief_.most_per_name)
            return candidate.hostname + " has more than " + std::to_string(belief_.most_per_name) +
                   " addresses";
        if (!candidate.in_force && of_system.size() >= belief_.most_per_system &&
            !of_system.contains(candidate.prefix.address))
            return candidate.system + " has more than " + std::to_string(belief_.most_per_system) +
                   " addresses";
        ++of_name;
        of_system.insert(candidate.prefix.address);
        return {};
    }

private:
    struct Arrival {
        std::size_t addresses = 0;
        std::size_t resolvers = 1;
    };

    const Belief& belief_;
    std::map<AnswerKey, Arrival> answers_;
    std::map<NameKey, std::size_t> names_;
    std::map<std::string_view, std::set<Address>> systems_;
};

} // namespace

std::vector<std::string> find_floods(std::span<const Candidate> candidates, const Belief& belief) {
    Counter counter(candidates, belief);
    std::vector<std::string> found(candidates.size());
    for (const auto i : by_seniority(candidates))
        if (!candidates[i].hostname.empty()) found[i] = counter.judge(candidates[i]);
    return found;
}

} // namespace sweepgate
