// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/zones.hpp"

#include <libpsl.h>

#include "controlplane/catalog/hostname.hpp"

namespace sweepgate {

std::string registrable(std::string_view name) {
    // Built into the library: no file is read, and the answer does not change under our feet.
    const std::string text(name);
    const char* found = psl_registrable_domain(psl_builtin(), text.c_str());
    return found == nullptr ? text : std::string(found);
}

void OperatorZones::learn(const std::string& operator_name, std::string_view hostname) {
    zones_[operator_name].insert(registrable(hostname));
}

void OperatorZones::approve(const std::string& system, const std::string& zone) {
    approved_[system].insert(zone);
}

bool OperatorZones::owns(const std::string& operator_name, std::string_view name) const {
    const auto zones = zones_.find(operator_name);
    return zones != zones_.end() && zones->second.contains(registrable(name));
}

bool OperatorZones::is_approved(const std::string& system, std::string_view name) const {
    const auto approved = approved_.find(system);
    if (approved == approved_.end()) return false;
    for (const auto& zone : approved->second)
        if (is_under(name, zone)) return true;
    return false;
}

} // namespace sweepgate
