// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/collapse.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace sweepgate {

namespace {

constexpr std::size_t kGroups = 3;
constexpr std::size_t kGroupsOfOperators = 2;
constexpr std::size_t kNamesTold = 3;

/// Who gives one address, and for what.
struct Given {
    const std::string* resolver = nullptr;
    bool alone = true; // nobody else gives it
    std::vector<const BookEntry*> entries;
};

/// Names joined by addresses that they have in common (union-find).
class Groups {
public:
    void add(const std::vector<Address>& addresses) {
        const auto group = parents_.size();
        parents_.push_back(group);
        ++count_;
        for (const auto& address : addresses)
            join(group, of_.try_emplace(address, group).first->second);
    }
    [[nodiscard]] std::size_t count() const { return count_; }

private:
    void join(std::size_t one, std::size_t other) {
        one = root(one);
        other = root(other);
        if (one == other) return;
        parents_[one] = other;
        --count_;
    }
    std::size_t root(std::size_t group) {
        while (parents_[group] != group) group = parents_[group] = parents_[parents_[group]];
        return group;
    }

    std::vector<std::size_t> parents_;
    std::unordered_map<Address, std::size_t> of_;
    std::size_t count_ = 0;
};

class Finder {
public:
    Finder(const Catalog& catalog, const EntryPointers& entries, const SystemPlaces& places)
        : catalog_(catalog) {
        for (const auto* entry : entries)
            if (places.contains(entry->name.system) && !entry->resolvers.empty()) add(*entry);
    }

    [[nodiscard]] std::vector<Guarded> find() const {
        std::vector<Guarded> found;
        for (const auto& [address, given] : given_)
            if (given.alone && given.entries.size() > 1 && !in_content_network(given))
                if (auto words = why_one(given); !words.empty())
                    found.push_back({host(address), std::move(words)});
        std::ranges::sort(found, {}, &Guarded::prefix);
        return found;
    }

private:
    void add(const BookEntry& entry) {
        auto& given = given_[entry.address];
        given.entries.push_back(&entry);
        const auto* resolver = &entry.resolvers.front();
        given.alone = given.alone && entry.resolvers.size() == 1 &&
                      (given.resolver == nullptr || *given.resolver == *resolver);
        given.resolver = resolver;
        by_name_[entry.name.hostname].push_back(&entry);
    }

    [[nodiscard]] bool in_content_network(const Given& given) const {
        const auto& networks = catalog_.networks;
        return std::ranges::any_of(given.entries, [&](const auto* entry) {
            const auto& end = entry->chain.empty() ? entry->name.hostname : entry->chain.back();
            return networks.covering(host(entry->address), NetworkKind::cdn) ||
                   !networks.zone_of(end, NetworkKind::cdn).empty();
        });
    }

    [[nodiscard]] std::vector<Address> elsewhere(const BookEntry& entry,
                                                 const std::string& resolver) const {
        std::vector<Address> found;
        for (const auto* other : by_name_.at(entry.name.hostname))
            if (other->address.family == entry.address.family &&
                std::ranges::any_of(other->resolvers,
                                    [&](const auto& each) { return each != resolver; }))
                found.push_back(other->address);
        return found;
    }

    [[nodiscard]] std::string why_one(const Given& given) const {
        Groups groups;
        std::set<std::string_view> operators;
        std::set<std::string_view> names;
        for (const auto* entry : given.entries) {
            const auto others = elsewhere(*entry, *given.resolver);
            if (others.empty() || !names.insert(entry->name.hostname).second) continue;
            groups.add(others);
            operators.insert(catalog_.find(entry->name.system)->operator_name);
        }
        const auto needed = operators.size() > 1 ? kGroupsOfOperators : kGroups;
        if (groups.count() < needed) return {};
        std::string told;
        std::size_t left = kNamesTold;
        for (auto name = names.begin(); name != names.end() && left > 0; ++name, --left)
            told += (told.empty() ? "" : ", ") + std::string(*name);
        return "what " + *given.resolver + " alone gives for " + std::to_string(names.size()) +
               " names that have nothing in common elsewhere (" + told +
               (names.size() > kNamesTold ? ", ...)" : ")");
    }

    const Catalog& catalog_;
    std::unordered_map<Address, Given> given_;
    std::unordered_map<std::string_view, std::vector<const BookEntry*>> by_name_;
};

} // namespace

std::vector<Guarded> find_collapses(const Catalog& catalog, const EntryPointers& entries,
                                    const SystemPlaces& places) {
    return Finder(catalog, entries, places).find();
}

} // namespace sweepgate
