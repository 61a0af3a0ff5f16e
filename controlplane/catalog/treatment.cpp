// SPDX-License-Identifier: Apache-2.0
#include "controlplane/catalog/treatment.hpp"

#include <array>
#include <utility>
#include <vector>

#include "controlplane/model/nearest.hpp"

namespace sweepgate {

namespace {

constexpr std::array<std::pair<Treatment, std::string_view>, 6> kWords{{
    {Treatment::pass, "pass"},
    {Treatment::monitor, "monitor"},
    {Treatment::limit, "limit"},
    {Treatment::reject, "reject"},
    {Treatment::block, "block"},
    {Treatment::sanction, "sanction"},
}};

/// What other firewalls call it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kElsewhere{{
    {"drop", "block"},
    {"deny", "block"},
    {"allow", "pass"},
    {"accept", "pass"},
    {"permit", "pass"},
    {"log", "monitor"},
}};

} // namespace

std::string_view to_string(Treatment treatment) {
    for (const auto& [value, word] : kWords)
        if (value == treatment) return word;
    return "unknown";
}

std::optional<Treatment> treatment_from(std::string_view word) {
    for (const auto& [value, known] : kWords)
        if (known == word) return value;
    return std::nullopt;
}

std::string not_a_treatment(std::string_view word) {
    std::vector<std::string> known;
    for (const auto& [value, name] : kWords) known.emplace_back(name);
    for (const auto& [elsewhere, here] : kElsewhere)
        if (elsewhere == word)
            return not_one_of({}, known) + "; did you mean '" + std::string(here) + "'?";
    return not_one_of(word, known);
}

Action to_action(Treatment treatment) {
    switch (treatment) {
    case Treatment::monitor: return Action::monitor;
    case Treatment::limit: return Action::limit;
    case Treatment::reject: return Action::reject;
    case Treatment::block: return Action::drop;
    case Treatment::pass:
    case Treatment::sanction: return Action::pass;
    }
    return Action::pass;
}

} // namespace sweepgate
