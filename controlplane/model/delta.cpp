// SPDX-License-Identifier: Apache-2.0
// Class indexes shift when a class appears or goes, so entries are compared by what their class
// says (system ids and scope), never by its number.
#include "controlplane/model/delta.hpp"

#include <algorithm>
#include <map>
#include <span>

#include "controlplane/model/bounds.hpp"
#include "controlplane/model/entry_checks.hpp"

namespace sweepgate {

namespace {

using ClassMeaning = std::pair<Scope, std::vector<std::string>>;

ClassMeaning meaning_of(const Ruleset& rules, const AddressClass& address_class) {
    ClassMeaning meaning{address_class.scope, {}};
    for (const auto system : address_class.systems)
        meaning.second.push_back(rules.systems[system].id);
    return meaning;
}

constexpr std::uint32_t kNoClass = 0xFFFFFFFF;

/// For each class of `from` its index in `to`, or kNoClass.
std::vector<std::uint32_t> translation(const Ruleset& from, const Ruleset& to) {
    std::map<ClassMeaning, std::uint32_t> index;
    for (std::size_t i = 0; i < to.classes.size(); ++i)
        index.emplace(meaning_of(to, to.classes[i]), static_cast<std::uint32_t>(i));
    std::vector<std::uint32_t> translated;
    for (const auto& address_class : from.classes) {
        const auto found = index.find(meaning_of(from, address_class));
        translated.push_back(found == index.end() ? kNoClass : found->second);
    }
    return translated;
}

} // namespace

Delta diff(const Snapshot& from, const Snapshot& to) {
    Delta delta{from.generation,
                to.generation,
                digest_of(from),
                digest_of(to),
                to.issued_at,
                to.expires_at,
                {},
                {},
                {}};
    if (from.rules != to.rules) delta.rules = to.rules;
    const auto translated = translation(from.rules, to.rules);

    auto old_entry = from.entries.begin();
    auto new_entry = to.entries.begin();
    while (old_entry != from.entries.end() || new_entry != to.entries.end()) {
        const bool only_old =
            new_entry == to.entries.end() ||
            (old_entry != from.entries.end() && old_entry->prefix < new_entry->prefix);
        const bool only_new =
            !only_old && (old_entry == from.entries.end() || new_entry->prefix < old_entry->prefix);
        if (only_old) {
            delta.removed.push_back((old_entry++)->prefix);
        } else if (only_new) {
            delta.added.push_back(*new_entry++);
        } else {
            if (translated[old_entry->address_class] != new_entry->address_class) {
                delta.removed.push_back(old_entry->prefix);
                delta.added.push_back(*new_entry);
            }
            ++old_entry;
            ++new_entry;
        }
    }
    return delta;
}

namespace {

/// Writes the next entries: runs of held ones as they are, and between them what a delta changes.
/// Only where a run begins or an entry is added can neighbours be new to each other.
class Merge {
public:
    /// `translated` by held class; empty: classes keep their numbers.
    Merge(std::vector<Entry>& to, const std::vector<std::uint32_t>& translated)
        : to_(to), translated_(translated) {}

    Status keep(std::span<const Entry> run) {
        if (run.empty()) return {};
        if (auto ok = check_next(run.front().prefix); !ok) return ok;
        const auto kept = to_.insert(to_.end(), run.begin(), run.end());
        if (translated_.empty()) return {};
        for (auto& entry : std::span(kept, to_.end())) {
            const auto address_class = translated_[entry.address_class];
            if (address_class == kNoClass)
                return fail(Errc::bad_input,
                            "entry " + to_string(entry.prefix) + " loses its class");
            entry.address_class = static_cast<ClassIndex>(address_class);
        }
        return {};
    }
    Status add(const Entry& entry, std::size_t classes) {
        if (auto ok = check_prefix(entry.prefix); !ok) return within("entries", ok.error());
        if (entry.address_class >= classes)
            return fail(Errc::bad_input, "entry " + to_string(entry.prefix) + " has no class");
        if (auto ok = check_next(entry.prefix); !ok) return ok;
        to_.push_back(entry);
        return {};
    }

private:
    [[nodiscard]] Status check_next(const Prefix& prefix) const {
        return to_.empty() ? Status() : check_follows("entries", to_.back().prefix, prefix);
    }
    std::vector<Entry>& to_;
    const std::vector<std::uint32_t>& translated_;
};

Status merge(const std::vector<Entry>& held, const Delta& delta,
             const std::vector<std::uint32_t>& translated, Snapshot& next) {
    Merge merged(next.entries, translated);
    const auto classes = next.rules.classes.size();
    auto run = held.begin();
    auto removed = delta.removed.begin();
    auto added = delta.added.begin();
    while (removed != delta.removed.end() || added != delta.added.end()) {
        // Where a class changes both name the prefix: it goes before it comes.
        const bool goes = added == delta.added.end() ||
                          (removed != delta.removed.end() && !(added->prefix < *removed));
        const auto& prefix = goes ? *removed : added->prefix;
        const auto at = std::ranges::lower_bound(run, held.end(), prefix, {}, &Entry::prefix);
        if (auto ok = merged.keep({run, at}); !ok) return ok;
        run = at;
        if (!goes) {
            if (auto ok = merged.add(*added++, classes); !ok) return ok;
            continue;
        }
        if (run == held.end() || run->prefix != prefix)
            return fail(Errc::bad_input, "removed prefix " + to_string(prefix) + " is not held");
        ++run;
        ++removed;
    }
    return merged.keep({run, held.end()});
}

/// Empty where each class keeps its number.
std::vector<std::uint32_t> renumbering(const Ruleset& from, const Ruleset& to) {
    auto translated = translation(from, to);
    bool same = true;
    for (std::size_t i = 0; i < translated.size(); ++i) same = same && translated[i] == i;
    if (same) translated.clear();
    return translated;
}

} // namespace

Result<Snapshot> apply(const Snapshot& held, const Delta& delta) {
    return apply(held, digest_of(held), delta);
}

Result<Snapshot> apply(const Snapshot& held, const Digest& held_digest, const Delta& delta,
                       std::vector<Entry> storage) {
    if (held.generation != delta.base || delta.next <= delta.base ||
        held_digest != delta.base_digest)
        return fail(Errc::stale_generation, "delta " + std::to_string(delta.base) + " -> " +
                                                std::to_string(delta.next) + " does not start at " +
                                                std::to_string(held.generation));
    Snapshot next{
        delta.next, delta.issued_at, delta.expires_at, delta.rules ? *delta.rules : held.rules, {}};
    std::vector<std::uint32_t> translated;
    if (delta.rules) {
        // They came from outside: checked before anything indexes by them.
        if (auto ok = validate(next.rules); !ok) return tl::unexpected(ok.error());
        translated = renumbering(held.rules, next.rules);
    }
    next.entries = std::move(storage);
    next.entries.clear();
    next.entries.reserve(held.entries.size() + delta.added.size());
    if (auto ok = merge(held.entries, delta, translated, next); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = check_count("entries", next.entries.size(), kMaxEntries); !ok)
        return tl::unexpected(ok.error());
    if (digest_of(next) != delta.next_digest)
        return fail(Errc::bad_input, "delta " + std::to_string(delta.base) + " -> " +
                                         std::to_string(delta.next) +
                                         " leads to another digest than it names");
    return next;
}

} // namespace sweepgate
