// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/reach.hpp"

#include <algorithm>
#include <map>

#include "controlplane/guard/ranges.hpp"
#include "controlplane/guard/translated.hpp"

namespace sweepgate {

namespace {

/// 0 lets through, 1 up to a rate, 2 stops.
int level_of(Action action) { return is_terminal(action) ? 2 : action == Action::limit ? 1 : 0; }

/// How much each group is stopped from reaching each system: always, or at some hour.
class Levels {
public:
    Levels(const Ruleset& rules, bool always) : rules_(rules) {
        for (std::size_t group = 0; group < rules.groups.size(); ++group) {
            auto& row = rows_[rules.groups[group].name];
            for (std::size_t system = 0; system < rules.systems.size(); ++system) {
                auto level = level_of(rules.actions[group][system]);
                for (const auto& schedule : rules.schedules)
                    if (const auto cell = schedule.actions[group][system])
                        level = always ? std::min(level, level_of(*cell))
                                       : std::max(level, level_of(*cell));
                row.push_back(level);
            }
        }
    }

    [[nodiscard]] const Ruleset& rules() const { return rules_; }
    [[nodiscard]] const std::map<std::string, std::vector<int>>& rows() const { return rows_; }
    /// A group that is not there is everyone.
    [[nodiscard]] const std::vector<int>& row(const std::string& group) const {
        const auto found = rows_.find(group);
        return found != rows_.end() ? found->second : rows_.at(rules_.groups[kEveryone].name);
    }
    [[nodiscard]] bool stops(const AddressClass& address_class) const {
        return std::any_of(rows_.begin(), rows_.end(), [&](const auto& row) {
            return std::any_of(address_class.systems.begin(), address_class.systems.end(),
                               [&](SystemIndex system) { return row.second[system] > 0; });
        });
    }

private:
    const Ruleset& rules_;
    std::map<std::string, std::vector<int>> rows_; // by group, in the order of the systems
};

bool covers(const Levels& levels, const AddressClass& held, const std::vector<int>& row, int level,
            const PortRange* ports) {
    return std::any_of(held.systems.begin(), held.systems.end(), [&](SystemIndex system) {
        if (row[system] < level) return false;
        if (held.scope == Scope::exclusive) return true;
        if (ports == nullptr) return false;
        const auto& own = levels.rules().systems[system].ports;
        return std::any_of(own.begin(), own.end(), [&](const PortRange& each) {
            return each.transport == ports->transport && each.first <= ports->first &&
                   ports->last <= each.last;
        });
    });
}

/// Whatever `old` stops for one group, `now` stops as well.
bool covers(const Levels& from, const AddressClass& old, const std::vector<int>& old_row,
            const Levels& to, const AddressClass& now, const std::vector<int>& new_row) {
    for (const auto system : old.systems) {
        const auto level = old_row[system];
        if (level == 0) continue;
        if (old.scope == Scope::exclusive) {
            if (!covers(to, now, new_row, level, nullptr)) return false;
            continue;
        }
        for (const auto& ports : from.rules().systems[system].ports)
            if (!covers(to, now, new_row, level, &ports)) return false;
    }
    return true;
}

struct Piece {
    Range range;
    std::size_t entry = 0;
    ClassIndex address_class = 0;
};

/// What of the entries is enforced: without what is allowed first.
std::vector<Piece> pieces_of(const Snapshot& snapshot, std::span<const Prefix> nat64) {
    Ranges allow;
    for (const auto& prefix : snapshot.rules.allow) allow.push_back(to_range(prefix));
    std::vector<Piece> pieces;
    for (std::size_t i = 0; i < snapshot.entries.size(); ++i) {
        const auto& entry = snapshot.entries[i];
        if (is_translated(entry.prefix, nat64)) continue;
        for (const auto& prefix : without(entry.prefix, allow))
            pieces.push_back({to_range(prefix), i, entry.address_class});
    }
    return pieces;
}

void add(Space& space, const Range& range) {
    if (range.first.family == Family::ipv4)
        space.ipv4 += range.last.value - range.first.value + 1;
    else
        space.ipv6 += (range.last.value >> 64U) - (range.first.value >> 64U) + 1;
}

struct Lost {
    std::size_t entries = 0;
    std::size_t in_part = 0; // of these
    std::size_t of = 0;      // that stop anything
    Space space;
    Space all;
};

/// What `from` stops and `to` does not.
class Loss {
public:
    Loss(const Snapshot& from, const Snapshot& to, std::span<const Prefix> nat64, bool always)
        : from_(from), to_(to), nat64_(nat64), before_(from.rules, always),
          after_(to.rules, always) {}

    Lost count() {
        const auto old = pieces_of(from_, nat64_);
        const auto now = pieces_of(to_, nat64_);
        auto near = now.begin();
        std::vector<bool> lost(from_.entries.size());
        std::vector<bool> stops(from_.entries.size());
        kept_some_.assign(from_.entries.size(), false);
        for (const auto& piece : old) {
            if (!before_.stops(from_.rules.classes[piece.address_class])) continue;
            stops[piece.entry] = true;
            add(lost_.all, piece.range);
            while (near != now.end() && near->range.last < piece.range.first) ++near;
            if (lose(piece, near, now.end())) lost[piece.entry] = true;
        }
        for (std::size_t i = 0; i < lost.size(); ++i)
            if (lost[i]) {
                ++lost_.entries;
                if (kept_some_[i]) ++lost_.in_part;
            }
        lost_.of = static_cast<std::size_t>(std::count(stops.begin(), stops.end(), true));
        return lost_;
    }

private:
    bool lose(const Piece& piece, std::vector<Piece>::const_iterator each,
              std::vector<Piece>::const_iterator end) {
        Ranges kept;
        for (; each != end && each->range.first <= piece.range.last; ++each)
            if (keeps(piece.address_class, each->address_class)) kept.push_back(each->range);
        if (!kept.empty()) kept_some_[piece.entry] = true;
        const auto rest = subtract({piece.range}, kept);
        for (const auto& range : rest) add(lost_.space, range);
        return !rest.empty();
    }

    bool keeps(ClassIndex old, ClassIndex now) {
        const auto [place, fresh] = kept_.try_emplace({old, now}, true);
        if (!fresh) return place->second;
        const auto& was = from_.rules.classes[old];
        const auto& is = to_.rules.classes[now];
        const auto stays = [&](const std::string& group) {
            return covers(before_, was, before_.row(group), after_, is, after_.row(group));
        };
        for (const auto* levels : {&before_, &after_})
            for (const auto& [group, row] : levels->rows()) place->second &= stays(group);
        return place->second;
    }

    const Snapshot& from_;
    const Snapshot& to_;
    std::span<const Prefix> nat64_;
    Levels before_;
    Levels after_;
    std::map<std::pair<ClassIndex, ClassIndex>, bool> kept_;
    std::vector<bool> kept_some_; // by entry
    Lost lost_;
};

/// 3741319168 -> "3,741,319,168".
std::string grouped(Uint128 number) {
    std::string digits;
    for (int count = 0; number > 0 || count == 0; number /= 10, ++count) {
        if (count > 0 && count % 3 == 0) digits += ',';
        digits += static_cast<char>('0' + static_cast<int>(number % 10));
    }
    std::reverse(digits.begin(), digits.end());
    return digits;
}

void add_space(std::vector<std::string>& found, Uint128 newly, Uint128 before, Uint128 after,
               unsigned bits, unsigned length, const std::string& unit) {
    const auto most = Uint128{1} << (bits - length);
    if (newly > most)
        found.push_back("shuts " + grouped(newly) + " " + unit + ", more than a /" +
                        std::to_string(length) + " has");
    else if (before <= 4 * most && after > 4 * most)
        found.push_back("shuts " + grouped(after) + " " + unit + " in sum, more than four /" +
                        std::to_string(length) + " have");
}

} // namespace

Reach reach_of(const Snapshot& from, const Snapshot& to, std::span<const Prefix> nat64) {
    const auto opened = Loss(from, to, nat64, true).count();
    const auto shut = Loss(to, from, nat64, false).count();
    return {opened.of,    shut.of,    opened.entries, shut.entries, opened.in_part,
            shut.in_part, shut.space, opened.all,     shut.all};
}

std::vector<std::string> excesses(const Reach& reach, const ChangeBounds& bounds) {
    std::vector<std::string> found;
    if (reach.opened > bounds.small_set &&
        reach.opened * 100 > reach.before * bounds.most_shrink_percent)
        found.push_back("opens " + std::to_string(reach.opened) + " of " +
                        std::to_string(reach.before) + " prefixes, more than " +
                        std::to_string(bounds.most_shrink_percent) + " %");
    add_space(found, reach.newly_shut.ipv4, reach.all_before.ipv4, reach.all_after.ipv4, 32,
              bounds.most_shut_ipv4, "IPv4 addresses");
    add_space(found, reach.newly_shut.ipv6, reach.all_before.ipv6, reach.all_after.ipv6, 64,
              bounds.most_shut_ipv6, "IPv6 networks of /64");
    return found;
}

std::string words_of(const Reach& reach) {
    const auto part = [](std::size_t count) {
        return count == 0 ? std::string() : " (" + std::to_string(count) + " in part)";
    };
    const auto opened = reach.opened == 0 ? std::string("opens nothing")
                                          : "opens " + std::to_string(reach.opened) + " of " +
                                                std::to_string(reach.before) + " prefixes" +
                                                part(reach.opened_in_part);
    const auto shut = reach.shut == 0 ? std::string("nothing")
                                      : std::to_string(reach.shut) + part(reach.shut_in_part);
    return opened + ", shuts " + shut;
}

} // namespace sweepgate
