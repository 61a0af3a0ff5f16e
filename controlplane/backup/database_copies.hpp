// SPDX-License-Identifier: Apache-2.0
// Internal to this station: the databases of a controller, whether it runs or not.
#pragma once

#include <map>
#include <string>

#include "controlplane/controller/config.hpp"
#include "controlplane/wire/descriptor.hpp"

namespace sweepgate::backup {

struct DatabaseCopies {
    std::map<std::string, wire::Descriptor> files; // by name; they have no other name any more
    Generation newest = 0;                         // of the book
};

/// Errors: not_found without a state folder; unavailable when its controller does not answer; io,
/// also when a database is damaged.
[[nodiscard]] Result<DatabaseCopies> take_copies(const controller::Config& config);

} // namespace sweepgate::backup
