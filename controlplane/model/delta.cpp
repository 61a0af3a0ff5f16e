// SPDX-License-Identifier: Apache-2.0
// Class indexes shift when a class appears or goes, so entries are compared by what their class
// says (system ids and scope), never by its number.
#include "controlplane/model/delta.hpp"

#include <map>

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

Result<Snapshot> apply(const Snapshot& held, const Delta& delta) {
    return apply(held, digest_of(held), delta);
}

Result<Snapshot> apply(const Snapshot& held, const Digest& held_digest, const Delta& delta) {
    if (held.generation != delta.base || delta.next <= delta.base ||
        held_digest != delta.base_digest)
        return fail(Errc::stale_generation, "delta " + std::to_string(delta.base) + " -> " +
                                                std::to_string(delta.next) + " does not start at " +
                                                std::to_string(held.generation));
    Snapshot next{
        delta.next, delta.issued_at, delta.expires_at, delta.rules ? *delta.rules : held.rules, {}};
    // The rules came from outside: checked before anything indexes by them.
    if (auto ok = validate(next); !ok) return tl::unexpected(ok.error());
    const auto translated = translation(held.rules, next.rules);

    next.entries.reserve(held.entries.size() + delta.added.size());
    auto removed = delta.removed.begin();
    for (const auto& entry : held.entries) {
        if (removed != delta.removed.end() && *removed == entry.prefix) {
            ++removed;
            continue;
        }
        const auto address_class = translated[entry.address_class];
        if (address_class == kNoClass)
            return fail(Errc::bad_input, "entry " + to_string(entry.prefix) + " loses its class");
        next.entries.push_back({entry.prefix, static_cast<ClassIndex>(address_class)});
    }
    if (removed != delta.removed.end())
        return fail(Errc::bad_input, "removed prefix " + to_string(*removed) + " is not held");

    const auto middle = static_cast<std::ptrdiff_t>(next.entries.size());
    next.entries.insert(next.entries.end(), delta.added.begin(), delta.added.end());
    std::inplace_merge(next.entries.begin(), next.entries.begin() + middle, next.entries.end());
    if (auto ok = validate(next); !ok) return tl::unexpected(ok.error());
    if (digest_of(next) != delta.next_digest)
        return fail(Errc::bad_input, "delta " + std::to_string(delta.base) + " -> " +
                                         std::to_string(delta.next) +
                                         " leads to another digest than it names");
    return next;
}

} // namespace sweepgate
