// SPDX-License-Identifier: Apache-2.0
// Internal to this station: what a Document and its Sections share. toml++ is included in this
// folder only.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>

#include <toml++/toml.h>

#include "controlplane/config/document.hpp"

namespace sweepgate::config {

[[nodiscard]] inline Place place_of(const toml::source_region& region) {
    // A text without a line of its own, such as an empty root, begins at the beginning.
    return {std::max(region.begin.line, 1U), std::max<unsigned>(region.begin.column, 1U)};
}

struct Section::State {
    /// "A group has no sources": about a whole table. Not worth telling while something inside
    /// the table is wrong, since that may be why.
    struct Whole {
        const toml::table* table;
        std::string what;
    };
    toml::table root;
    std::string name;
    std::set<const void*> asked;                                    // nodes some getter has read
    std::map<const void*, std::set<std::string, std::less<>>> keys; // asked for, by table
    Faults faults;
    std::vector<Whole> wholes;
    std::set<std::pair<const toml::table*, std::string>> missing; // required keys
    bool broken = false; // lines that are no TOML were left out, so keys may be missing for that

    /// Remembers what a key may be called, in so many tables; a text of more is not typed.
    void ask(const void* table, std::string_view key) {
        constexpr std::size_t kMostTables = 10'000;
        if (keys.size() < kMostTables || keys.contains(table)) keys[table].emplace(key);
    }
};

/// Tells unknown keys, misspelt ones in place of the missing ones, and faults of whole tables.
[[nodiscard]] Faults all_faults(const Section::State& state);

/// The tree of a text. Lines that are no TOML are left out and told as faults. Nothing: what is
/// left of the text is none either.
bool parse_toml(std::string_view text, Section::State& state);

} // namespace sweepgate::config
