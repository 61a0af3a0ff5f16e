// SPDX-License-Identifier: Apache-2.0
// Numbers for system ids that outlive a generation: records on their way from the packet path name
// a system by number, whichever tables they were judged by.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controlplane/model/system.hpp"
#include "dataplane/who/hit.hpp"

namespace sweepgate::who {

/// Ids that a gate tells apart until it starts anew; all further ones share a number, called "?".
inline constexpr std::size_t kMostSystemNames = 16'384;

class SystemNames {
public:
    SystemNames() : ids_{"?"} {}
    [[nodiscard]] std::vector<SystemNumber> numbers_of(const std::vector<System>& systems);
    [[nodiscard]] const std::string& id_of(SystemNumber number) const {
        return ids_[number < ids_.size() ? number : 0];
    }

private:
    std::vector<std::string> ids_;
    std::map<std::string, SystemNumber> numbers_;
};

} // namespace sweepgate::who
