// SPDX-License-Identifier: Apache-2.0
#include "controlplane/policy/treatments.hpp"

#include <algorithm>

#include "controlplane/catalog/nearest.hpp"

namespace sweepgate {

namespace {

void read_table(config::Section& section, const std::string& kind,
                const std::vector<std::string>& known,
                std::map<std::string, Treatment, std::less<>>& into) {
    for (const auto& key : section.keys()) {
        check_known(section, key, kind, known);
        if (const auto treatment = treatment_at(section, key)) into[key] = *treatment;
    }
}

} // namespace

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

void check_known(config::Section& section, const std::string& key, const std::string& kind,
                 const std::vector<std::string>& known) {
    check_known(section, key, key, kind, known);
}

void check_known(config::Section& section, const std::string& key, const std::string& word,
                 const std::string& kind, const std::vector<std::string>& known) {
    if (!std::binary_search(known.begin(), known.end(), word))
        section.reject(key, "unknown " + kind + " " + in_quotes(word) + did_you_mean(word, known));
}

std::optional<Treatment> treatment_at(config::Section& section, const std::string& key) {
    const auto text = section.optional_text(key);
    if (!text) return std::nullopt;
    const auto treatment = treatment_from(text->value);
    if (!treatment)
        section.reject(text->line, key + " = " + in_quotes(text->value) + " is not " +
                                       std::string(treatment_words()));
    return treatment;
}

void read_named(config::Section& section, const KnownWords& known, Treatments& treatments) {
    if (auto systems = section.section("systems"))
        read_table(*systems, "system", known.systems, treatments.systems);
    if (auto categories = section.section("categories"))
        read_table(*categories, "category", known.categories, treatments.categories);
}

void check_sanctions(config::Section& section, const std::string& whose,
                     const Treatments& treatments, const Policy& policy, const Catalog& catalog) {
    const auto reject = [&](const std::string& why) {
        section.reject(section.line(), whose + " " + why);
    };
    const auto& [systems, categories, otherwise] = treatments;
    if (otherwise == Treatment::sanction)
        reject("cannot sanction: that holds for everyone; use pass");
    for (const auto& named : {systems, categories})
        for (const auto& [name, treatment] : named)
            if (treatment == Treatment::sanction)
                reject("cannot sanction " + in_quotes(name) +
                       ": that holds for everyone; use pass");
    // A category or the action stops short of sanctioned systems without a word; a system that is
    // named would not do what its line says.
    for (const auto& [id, treatment] : systems) {
        const auto* entry = catalog.find(id);
        if (entry == nullptr || to_action(treatment) == Action::pass) continue;
        if (policy.treatment(*entry) == Treatment::sanction)
            reject("would " + std::string(to_string(treatment)) + " " + in_quotes(id) +
                   ", which is sanctioned for everyone; make it pass for everyone first");
    }
}

} // namespace sweepgate
