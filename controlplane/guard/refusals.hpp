// SPDX-License-Identifier: Apache-2.0
// Internal to the guard: what must not be enforced, and why.
#pragma once

#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "controlplane/guard/guard.hpp"
#include "controlplane/guard/guarded_index.hpp"

namespace sweepgate {

struct Refused {
    Refusal refusal = Refusal::none;
    std::string words;
};

/// Two answers that far apart are not one that a cache repeats.
[[nodiscard]] std::chrono::seconds lifetime_of(const Candidate& candidate);

class Refusals {
public:
    explicit Refusals(const GuardContext& context);

    [[nodiscard]] std::optional<Refused> of_static(const Candidate& candidate) const;
    ///   operators   how many have names with this address
    ///   flood       of find_floods()
    [[nodiscard]] std::optional<Refused> of_host(const Candidate& candidate, std::size_t operators,
                                                 const std::string& flood) const;
    /// What a prefix covers and must not hit, but for own networks; sorted.
    [[nodiscard]] std::vector<Prefix> inside(const Prefix& prefix) const;
    /// The own networks that it covers, sorted.
    [[nodiscard]] std::vector<Prefix> own_inside(const Prefix& prefix) const;

private:
    [[nodiscard]] std::optional<Refused> of_place(const Prefix& prefix) const;
    [[nodiscard]] std::optional<Refused> of_guarded(const Prefix& prefix) const;
    [[nodiscard]] std::optional<Refused> of_embedded(const Prefix& prefix) const;
    [[nodiscard]] std::optional<Refused> of_admin(const Candidate& candidate) const;
    [[nodiscard]] std::optional<Refused> of_chain(const Candidate& candidate) const;
    [[nodiscard]] std::optional<Refused> of_quorum(const Candidate& candidate) const;

    const GuardContext& context_;
    std::vector<Guarded> own_networks_;
    GuardedIndex own_; // of own_networks_
    GuardedIndex protected_;
    GuardedIndex sanctioned_;
    GuardedIndex never_;
    GuardedIndex in_use_;
    GuardedIndex sinkholes_;
    GuardedIndex doubtful_;
};

} // namespace sweepgate
