// SPDX-License-Identifier: Apache-2.0
// What is only known when everything was read: keys that nobody asked for.
#include "controlplane/config/state.hpp"
#include "controlplane/model/nearest.hpp"

namespace sweepgate::config {

namespace {

class Finish {
public:
    explicit Finish(const Section::State& state) : state_(state), faults_(state.faults) {}

    Faults run() {
        search(state_.root);
        for (const auto& [table, key] : state_.missing)
            if (!state_.broken && !misspelt_.contains({table, key}))
                faults_.add(place_of(table->source()), "missing key '" + key + "'", key);
        const auto inside = faults_;
        for (const auto& [table, what] : state_.wholes)
            if (!state_.broken && !is_faulty(inside, *table))
                faults_.add(place_of(table->source()), what, what);
        return std::move(faults_);
    }

private:
    void search(const toml::table& table) {
        for (const auto& [key, node] : table)
            if (state_.asked.contains(&node))
                search_below(node);
            else
                tell_unknown(table, key, node);
    }

    void search_below(const toml::node& node) {
        if (const auto* table = node.as_table()) return search(*table);
        if (const auto* array = node.as_array())
            for (const auto& item : *array)
                if (const auto* element = item.as_table())
                    if (state_.asked.contains(&item)) search(*element);
    }

    void tell_unknown(const toml::table& table, const toml::key& key, const toml::node& node) {
        const bool is_table =
            node.is_table() || (node.is_array() && node.as_array()->is_array_of_tables());
        std::vector<std::string> known;
        if (const auto found = state_.keys.find(&table); found != state_.keys.end())
            for (const auto& asked : found->second)
                if (!table.contains(asked)) known.push_back(asked);
        const std::string word(key.str());
        const auto meant = nearest_word(word, known);
        if (!meant.empty()) misspelt_.emplace(&table, meant);
        faults_.add(place_of(key.source()),
                    std::string(is_table ? "unknown table '" : "unknown key '") + word + "'" +
                        did_you_mean(word, known));
    }

    /// Whether something inside the table is wrong.
    static bool is_faulty(const Faults& faults, const toml::table& table) {
        for (const auto& [key, node] : table)
            if (faults.has(place_of(key.source())) || is_faulty_below(faults, node)) return true;
        return false;
    }

    static bool is_faulty_below(const Faults& faults, const toml::node& node) {
        if (faults.has(place_of(node.source()))) return true;
        if (const auto* table = node.as_table()) return is_faulty(faults, *table);
        if (const auto* array = node.as_array())
            for (const auto& item : *array)
                if (is_faulty_below(faults, item)) return true;
        return false;
    }

    const Section::State& state_;
    Faults faults_;
    std::set<std::pair<const toml::table*, std::string>> misspelt_;
};

} // namespace

Faults all_faults(const Section::State& state) { return Finish(state).run(); }

} // namespace sweepgate::config
