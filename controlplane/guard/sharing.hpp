// SPDX-License-Identifier: Apache-2.0
// Does an address serve the system alone? Signs are added up; from Belief::shared_from on it is
// shared. A sign that proves sharing has 100 points, more than what speaks against it can take
// back:
//
//   +100  the name is on the system's shared list, or the address in its shared prefixes
//   +100  a name of another operator, or a shared name, has the address
//   +100  inside a content network's prefixes, or reached through a content network's zone
//    +60  its reverse name lies in a content network's zone
//    +50  an SRV record led to a name that is not in the operator's zones
//    +30  inside a cloud's prefixes
//    +20  each unrelated owner whose name an observer saw on it, up to 100
//    +20  its reverse name belongs to somebody else
//      0  its reverse name is a cloud's, as of every address of it: no second sign
//    +10  reached through a cloud's zone: rented whole, but by anybody
//    -30  its reverse name lies in the operator's own zones
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "controlplane/guard/guard.hpp"

namespace sweepgate {

/// Whose names have one address.
struct AddressUsers {
    std::vector<std::string_view> operators; // unique
    std::vector<std::string_view> systems;   // unique
    std::vector<std::string_view> of;        // the operator of each system
    std::string_view shared_name;            // any shared name among them
};

class SharingEvidence {
public:
    explicit SharingEvidence(const GuardContext& context) : context_(context) {}

    /// The strongest first.
    [[nodiscard]] std::vector<Evidence> of(const Candidate& candidate,
                                           const AddressUsers& users) const;

private:
    void add_names(const Candidate& candidate, const AddressUsers& users,
                   std::vector<Evidence>& found) const;
    void add_networks(const Candidate& candidate, std::vector<Evidence>& found) const;
    void add_reverse(const Candidate& candidate, std::vector<Evidence>& found) const;
    void add_observed(const Candidate& candidate, std::vector<Evidence>& found) const;

    const GuardContext& context_;
};

} // namespace sweepgate
