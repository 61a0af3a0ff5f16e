// SPDX-License-Identifier: Apache-2.0
// Internal to this station: the treatments that stand in the root, a group or a schedule.
#pragma once

#include <string>
#include <vector>

#include "controlplane/config/document.hpp"
#include "controlplane/policy/policy.hpp"

namespace sweepgate {

class PolicyLists;

[[nodiscard]] std::string in_quotes(std::string_view text);

/// What the catalog knows, sorted: for "did you mean".
struct KnownWords {
    std::vector<std::string> systems;
    std::vector<std::string> categories;
};

/// Rejects a key that is not among `known`, with the nearest one. `kind` is "system".
void check_known(config::Section& section, const std::string& key, const std::string& kind,
                 const std::vector<std::string>& known);
/// The same for a word that stands as the value of `key`.
void check_known(config::Section& section, const std::string& key, const std::string& word,
                 const std::string& kind, const std::vector<std::string>& known);

[[nodiscard]] std::optional<Treatment> treatment_at(config::Section& section,
                                                    const std::string& key);
/// The tables `systems` and `categories` of a section.
void read_named(config::Section& section, const KnownWords& known, Treatments& treatments);

/// `allow` is judged first and for all clients at all times, so a group or schedule can neither
/// add to it nor undo it. `whose` is "group 'guests'".
void check_sanctions(config::Section& section, const std::string& whose,
                     const Treatments& treatments, const Policy& policy, const Catalog& catalog);

/// Faults are recorded in the section, with the remedy: a range's prefixes, where a name belongs.
[[nodiscard]] std::optional<Prefix> prefix_of(config::Section& section, const config::Text& text);
/// Faults are recorded in the section.
[[nodiscard]] std::vector<Prefix> prefixes(config::Section& section, std::string_view key);
[[nodiscard]] std::vector<std::string> hostnames(config::Section& section, std::string_view key);

/// [guard].
void read_guard(config::Section& section, const KnownWords& known, Policy& policy);

/// One [[add]]. `name` is the policy's in errors. False: more was added than may be, and told.
[[nodiscard]] bool read_addition(config::Section& section, std::string_view name,
                                 const KnownWords& known, PolicyLists& lists, Policy& policy);

/// One [[schedule]]. Groups are those of `policy`, which are read already.
[[nodiscard]] PolicySchedule read_schedule(config::Section& section, const KnownWords& known,
                                           const Policy& policy);

} // namespace sweepgate
