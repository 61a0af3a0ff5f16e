// SPDX-License-Identifier: Apache-2.0
#include "dataplane/who/system_names.hpp"

namespace sweepgate::who {

std::vector<SystemNumber> SystemNames::numbers_of(const std::vector<System>& systems) {
    std::vector<SystemNumber> numbers;
    numbers.reserve(systems.size());
    for (const auto& system : systems) {
        auto known = numbers_.find(system.id);
        if (known == numbers_.end() && ids_.size() < kMostSystemNames) {
            known = numbers_.emplace(system.id, static_cast<SystemNumber>(ids_.size())).first;
            ids_.push_back(system.id);
        }
        numbers.push_back(known == numbers_.end() ? 0 : known->second);
    }
    return numbers;
}

} // namespace sweepgate::who
