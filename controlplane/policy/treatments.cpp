// SPDX-License-Identifier: Apache-2.0
#include "controlplane/policy/treatments.hpp"

#include <algorithm>

#include "controlplane/model/nearest.hpp"

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
    if (std::binary_search(known.begin(), known.end(), word)) return;
    const auto why = "unknown " + kind + " " + in_quotes(word) + did_you_mean(word, known);
    if (word == key)
        section.reject_key(key, why);
    else
        section.reject(key, why);
}

std::optional<Treatment> treatment_at(config::Section& section, const std::string& key) {
    const auto text = section.optional_text(key);
    if (!text) return std::nullopt;
    const auto treatment = treatment_from(text->value);
    if (!treatment)
        section.reject(*text,
                       key + " = " + in_quotes(text->value) + " " + not_a_treatment(text->value));
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
    const auto reject_at = [&](std::string_view table, const std::string& name,
                               const std::string& why) {
        if (auto named = section.section(table)) named->reject(name, whose + " " + why);
    };
    const auto& [systems, categories, otherwise] = treatments;
    if (otherwise == Treatment::sanction)
        section.reject("action", whose + " cannot sanction: that holds for everyone; use pass");
    const auto check = [&](std::string_view table, const auto& named) {
        for (const auto& [name, treatment] : named)
            if (treatment == Treatment::sanction)
                reject_at(table, name,
                          "cannot sanction " + in_quotes(name) +
                              ": that holds for everyone; use pass");
    };
    check("systems", systems);
    check("categories", categories);
    // A category or the action stops short of sanctioned systems without a word; a system that is
    // named would not do what its line says.
    for (const auto& [id, treatment] : systems) {
        const auto* entry = catalog.find(id);
        if (entry == nullptr || to_action(treatment) == Action::pass) continue;
        if (policy.treatment(*entry) == Treatment::sanction)
            reject_at("systems", id,
                      "would " + std::string(to_string(treatment)) + " " + in_quotes(id) +
                          ", which is sanctioned for everyone; make it pass for everyone first");
    }
}

} // namespace sweepgate
