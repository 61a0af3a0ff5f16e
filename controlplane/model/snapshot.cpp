// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/snapshot.hpp"

#include <map>
#include <set>
#include <tuple>

namespace sweepgate {

namespace {

Status check_text(std::string_view what, const std::string& text) {
    if (text.size() <= kMaxText) return {};
    return fail(Errc::bad_input, std::string(what) + " of " + std::to_string(text.size()) +
                                     " bytes, at most " + std::to_string(kMaxText));
}

Status check_count(std::string_view what, std::size_t count, std::size_t limit) {
    if (count <= limit) return {};
    return fail(Errc::bad_input, std::to_string(count) + " " + std::string(what) + ", at most " +
                                     std::to_string(limit));
}

Status check_prefix(const Prefix& prefix) {
    if (prefix.length <= width(prefix.address.family) &&
        (prefix.address.value & prefix.host_mask()) == 0 &&
        (prefix.address.family == Family::ipv6 || prefix.address.value <= 0xFFFFFFFFU))
        return {};
    return fail(Errc::bad_input, "prefix " + to_string(prefix) + " has host bits or a bad length");
}

template <typename List, typename PrefixOf>
Status check_disjoint(std::string_view what, const List& list, PrefixOf prefix_of) {
    const Prefix* before = nullptr;
    for (const auto& item : list) {
        const Prefix& prefix = prefix_of(item);
        if (auto ok = check_prefix(prefix); !ok) return within(what, ok.error());
        if (before != nullptr && !(before->last() < prefix.first()))
            return fail(Errc::bad_input, std::string(what) + ": " + to_string(prefix) +
                                             " overlaps or precedes " + to_string(*before));
        before = &prefix;
    }
    return {};
}

Status check_system(const System& system) {
    if (!is_system_id(system.id))
        return fail(Errc::bad_input, "'" + system.id.substr(0, 64) + "' is not a system id");
    if (auto ok = check_text("system name", system.name); !ok) return ok;
    if (auto ok = check_text("category", system.category); !ok) return ok;
    if (auto ok = check_count("ports", system.ports.size(), kMaxPortsPerSystem); !ok) return ok;
    if (auto ok = check_count("suffixes", system.suffixes.size(), kMaxSuffixesPerSystem); !ok)
        return ok;
    for (const auto& range : system.ports)
        if (range.first > range.last || to_string(range.transport) == "unknown")
            return fail(Errc::bad_input, "system " + system.id + ": bad port range " +
                                             std::to_string(range.first) + "-" +
                                             std::to_string(range.last));
    for (const auto& suffix : system.suffixes)
        if (auto ok = check_text("suffix", suffix); !ok) return ok;
    return {};
}

Status check_systems(const Ruleset& rules) {
    if (auto ok = check_count("systems", rules.systems.size(), kMaxSystems); !ok) return ok;
    for (std::size_t i = 0; i < rules.systems.size(); ++i) {
        if (auto ok = check_system(rules.systems[i]); !ok) return ok;
        if (i > 0 && rules.systems[i - 1].id >= rules.systems[i].id)
            return fail(Errc::bad_input, "system " + rules.systems[i].id + " is out of order");
    }
    return {};
}

Status check_classes(const Ruleset& rules) {
    if (auto ok = check_count("classes", rules.classes.size(), kMaxClasses); !ok) return ok;
    for (std::size_t i = 0; i < rules.classes.size(); ++i) {
        const auto& systems = rules.classes[i].systems;
        const auto scope = rules.classes[i].scope;
        const bool sorted = std::adjacent_find(systems.begin(), systems.end(),
                                               std::greater_equal<>{}) == systems.end();
        if (systems.empty() || !sorted || systems.back() >= rules.systems.size() ||
            (scope != Scope::exclusive && scope != Scope::shared) ||
            (i > 0 && !(rules.classes[i - 1] < rules.classes[i])))
            return fail(Errc::bad_input, "class " + std::to_string(i) + " is malformed");
    }
    return {};
}

Status check_groups(const Ruleset& rules) {
    if (rules.groups.empty() || !rules.groups[kEveryone].sources.empty())
        return fail(Errc::bad_input, "the first group must be everyone, without sources");
    if (auto ok = check_count("groups", rules.groups.size(), kMaxGroups); !ok) return ok;
    std::set<Prefix> sources;
    std::size_t count = 0;
    for (const auto& group : rules.groups) {
        if (auto ok = check_text("group name", group.name); !ok) return ok;
        if (auto ok = check_count("sources", count += group.sources.size(), kMaxSources); !ok)
            return ok;
        for (const auto& source : group.sources) {
            if (auto ok = check_prefix(source); !ok)
                return within("group " + group.name, ok.error());
            if (!sources.insert(source).second)
                return fail(Errc::bad_input, "source " + to_string(source) + " is in two groups");
        }
    }
    return {};
}

Status check_actions(const Ruleset& rules) {
    if (rules.actions.size() != rules.groups.size())
        return fail(Errc::bad_input, "the action matrix has " +
                                         std::to_string(rules.actions.size()) + " rows for " +
                                         std::to_string(rules.groups.size()) + " groups");
    for (const auto& row : rules.actions) {
        if (row.size() != rules.systems.size())
            return fail(Errc::bad_input, "an action row has " + std::to_string(row.size()) +
                                             " columns for " +
                                             std::to_string(rules.systems.size()) + " systems");
        for (const auto action : row)
            if (to_string(action) == "unknown")
                return fail(Errc::bad_input,
                            "unknown action " + std::to_string(static_cast<unsigned>(action)));
    }
    return {};
}

Status check_entries(const Snapshot& snapshot) {
    if (auto ok = check_count("entries", snapshot.entries.size(), kMaxEntries); !ok) return ok;
    for (const auto& entry : snapshot.entries)
        if (entry.address_class >= snapshot.rules.classes.size())
            return fail(Errc::bad_input, "entry " + to_string(entry.prefix) + " has no class");
    return check_disjoint("entries", snapshot.entries,
                          [](const Entry& entry) -> const Prefix& { return entry.prefix; });
}

/// What covers one stretch of the address line.
using Cover = std::map<std::pair<SystemIndex, Scope>, unsigned>;

AddressClass to_class(const Cover& cover) {
    AddressClass address_class;
    std::set<SystemIndex> systems;
    for (const auto& [key, count] : cover) {
        systems.insert(key.first);
        if (key.second == Scope::shared) address_class.scope = Scope::shared;
    }
    address_class.systems.assign(systems.begin(), systems.end());
    return address_class;
}

struct Stretch {
    Range range;
    AddressClass address_class;
};

/// Walks the ends of all listings in address order and closes a stretch wherever the cover
/// changes. Neighbours of one class are joined, so equal address sets have equal entries.
class Sweepline {
public:
    explicit Sweepline(const std::vector<Listing>& listings) {
        for (const auto& listing : listings) {
            events_.push_back({listing.prefix.first(), false, true, &listing});
            const auto last = listing.prefix.last();
            const auto limit = last.family == Family::ipv4 ? Uint128{0xFFFFFFFFU} : ~Uint128{0};
            // One behind the last address; the end of the line sorts behind every start.
            if (last.value == limit)
                events_.push_back({last, true, false, &listing});
            else
                events_.push_back({{last.family, last.value + 1}, false, false, &listing});
        }
        std::sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
            return std::tie(a.at, a.behind) < std::tie(b.at, b.behind);
        });
    }

    std::vector<Stretch> walk() {
        for (std::size_t i = 0; i < events_.size();) {
            const auto at = events_[i].at;
            const bool behind = events_[i].behind;
            close(at, behind);
            for (; i < events_.size() && events_[i].at == at && events_[i].behind == behind; ++i)
                turn(events_[i]);
            from_ = at;
        }
        return std::move(stretches_);
    }

private:
    struct Event {
        Address at;
        bool behind; // behind the last address of the family
        bool opens;
        const Listing* listing;
    };

    void close(const Address& at, bool behind) {
        if (cover_.empty()) return;
        const Range range{from_, behind ? at : Address{at.family, at.value - 1}};
        auto address_class = to_class(cover_);
        if (!stretches_.empty() && stretches_.back().address_class == address_class &&
            stretches_.back().range.last.family == from_.family &&
            stretches_.back().range.last.value + 1 == from_.value)
            stretches_.back().range.last = range.last;
        else
            stretches_.push_back({range, std::move(address_class)});
    }

    void turn(const Event& event) {
        const std::pair key{event.listing->system, event.listing->scope};
        if (event.opens)
            ++cover_[key];
        else if (const auto found = cover_.find(key); --found->second == 0)
            cover_.erase(found);
    }

    std::vector<Event> events_;
    Cover cover_;
    Address from_{};
    std::vector<Stretch> stretches_;
};

Status check_sanctioned(const SnapshotParts& parts, const std::vector<Prefix>& allow) {
    for (const auto& sanctioned : parts.sanctioned) {
        const auto covering = find_covering(allow.begin(), allow.end(), sanctioned.address,
                                            [](const Prefix& prefix) { return prefix; });
        if (covering != allow.end() && covering->contains(sanctioned)) continue;
        for (const auto& listing : parts.listings)
            if (listing.prefix.overlaps(sanctioned))
                return fail(Errc::refused, "listing " + to_string(listing.prefix) + " of " +
                                               parts.systems[listing.system].id +
                                               " covers the sanctioned " + to_string(sanctioned) +
                                               ", which is not allowed first");
    }
    return {};
}

/// Sorts systems by id and carries indexes in listings and action rows along.
Status sort_systems(SnapshotParts& parts) {
    const auto count = parts.systems.size();
    if (auto ok = check_count("systems", count, kMaxSystems); !ok) return ok;
    std::vector<SystemIndex> order(count);
    for (std::size_t i = 0; i < count; ++i) order[i] = static_cast<SystemIndex>(i);
    std::sort(order.begin(), order.end(), [&](SystemIndex a, SystemIndex b) {
        return parts.systems[a].id < parts.systems[b].id;
    });
    std::vector<SystemIndex> place(count);
    std::vector<System> systems(count);
    for (std::size_t i = 0; i < count; ++i) {
        place[order[i]] = static_cast<SystemIndex>(i);
        systems[i] = std::move(parts.systems[order[i]]);
        std::sort(systems[i].ports.begin(), systems[i].ports.end());
    }
    parts.systems = std::move(systems);
    for (auto& row : parts.actions) {
        if (row.size() != count) return fail(Errc::bad_input, "an action row of the wrong width");
        std::vector<Action> sorted(count);
        for (std::size_t i = 0; i < count; ++i) sorted[place[i]] = row[i];
        row = std::move(sorted);
    }
    for (auto& listing : parts.listings) {
        if (listing.system >= count)
            return fail(Errc::bad_input, "listing " + to_string(listing.prefix) + " has no system");
        listing.system = place[listing.system];
    }
    return {};
}

} // namespace

Status validate(const Snapshot& snapshot) {
    const auto& rules = snapshot.rules;
    if (auto ok = check_systems(rules); !ok) return ok;
    if (auto ok = check_classes(rules); !ok) return ok;
    if (auto ok = check_groups(rules); !ok) return ok;
    if (auto ok = check_actions(rules); !ok) return ok;
    if (auto ok = check_count("allow prefixes", rules.allow.size(), kMaxAllow); !ok) return ok;
    if (auto ok = check_disjoint("allow", rules.allow,
                                 [](const Prefix& prefix) -> const Prefix& { return prefix; });
        !ok)
        return ok;
    return check_entries(snapshot);
}

Result<Snapshot> build_snapshot(SnapshotParts parts, Generation generation, Instant issued_at,
                                Instant expires_at) {
    if (auto ok = sort_systems(parts); !ok) return tl::unexpected(ok.error());

    Snapshot snapshot{generation, issued_at, expires_at, {}, {}};
    auto& rules = snapshot.rules;
    rules.allow = merge(parts.allow);
    if (auto ok = check_sanctioned(parts, rules.allow); !ok) return tl::unexpected(ok.error());

    const auto stretches = Sweepline(parts.listings).walk();
    std::map<AddressClass, ClassIndex> classes;
    for (const auto& stretch : stretches) classes.emplace(stretch.address_class, ClassIndex{0});
    if (auto ok = check_count("classes", classes.size(), kMaxClasses); !ok)
        return tl::unexpected(ok.error());
    for (auto& [address_class, index] : classes) {
        index = static_cast<ClassIndex>(rules.classes.size());
        rules.classes.push_back(address_class);
    }
    for (const auto& stretch : stretches)
        for (const auto& prefix : to_prefixes(stretch.range))
            snapshot.entries.push_back({prefix, classes.at(stretch.address_class)});

    rules.systems = std::move(parts.systems);
    rules.groups = std::move(parts.groups);
    for (auto& group : rules.groups) std::sort(group.sources.begin(), group.sources.end());
    rules.actions = std::move(parts.actions);
    if (auto ok = validate(snapshot); !ok) return tl::unexpected(ok.error());
    return snapshot;
}

const Entry* find_entry(const Snapshot& snapshot, const Address& address) {
    const auto found = find_covering(snapshot.entries.begin(), snapshot.entries.end(), address,
                                     [](const Entry& entry) { return entry.prefix; });
    return found == snapshot.entries.end() ? nullptr : &*found;
}

bool is_allowed(const Snapshot& snapshot, const Address& address) {
    const auto& allow = snapshot.rules.allow;
    return find_covering(allow.begin(), allow.end(), address,
                         [](const Prefix& prefix) { return prefix; }) != allow.end();
}

GroupIndex group_of(const Ruleset& rules, const Address& client) {
    GroupIndex best = kEveryone;
    int best_length = -1;
    for (std::size_t i = 1; i < rules.groups.size(); ++i)
        for (const auto& source : rules.groups[i].sources)
            if (source.length > best_length && source.contains(client)) {
                best = static_cast<GroupIndex>(i);
                best_length = source.length;
            }
    return best;
}

} // namespace sweepgate
