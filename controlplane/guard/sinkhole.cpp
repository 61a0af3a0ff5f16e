// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/sinkhole.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace sweepgate {

namespace {

/// Where one resolver gave one address.
struct Given {
    std::size_t top_level = 0;
    std::set<std::string> operators;
    bool contradicted = false;
    bool filtered = false;
};

std::string words_of(const std::string& resolver, const Given& given) {
    const auto what = "what " + resolver + " says of names that cannot exist";
    if (given.filtered) return what + " (it says itself that it filters)";
    if (given.top_level > 0)
        return what + " (in " + std::to_string(given.top_level) + " top-level domains)";
    if (given.operators.size() > 1)
        return what + " (of " + std::to_string(given.operators.size()) + " operators)";
    return what + " (another resolver denies them)";
}

} // namespace

std::vector<Sinkhole> find_sinkholes(std::span<const CanaryAnswer> answers) {
    std::set<std::string> denied; // by anybody
    for (const auto& answer : answers)
        if (answer.denied) denied.insert(answer.hostname);
    std::map<std::pair<Address, std::string>, Given> given;
    for (const auto& answer : answers)
        for (const auto& address : answer.addresses) {
            auto& each = given[{address, answer.resolver}];
            if (answer.operator_name.empty())
                ++each.top_level;
            else
                each.operators.insert(answer.operator_name);
            each.contradicted = each.contradicted || denied.contains(answer.hostname);
            each.filtered = each.filtered || answer.filtered;
        }
    std::vector<Sinkhole> found;
    for (const auto& [key, each] : given) {
        const auto& [address, resolver] = key;
        const bool forged =
            each.top_level > 0 || each.operators.size() > 1 || each.contradicted || each.filtered;
        if (!forged || (!found.empty() && found.back().address == address)) continue;
        // One resolver may deny what it filters while the other tells of a wildcard.
        const bool certain = each.top_level > 0 || each.operators.size() > 1 || each.filtered;
        found.push_back({address, resolver, certain, words_of(resolver, each)});
    }
    return found;
}

} // namespace sweepgate
