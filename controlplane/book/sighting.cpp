// SPDX-License-Identifier: Apache-2.0
#include "controlplane/book/sighting.hpp"

namespace sweepgate {

std::string_view to_string(Role role) {
    switch (role) {
    case Role::server: return "server";
    case Role::shared: return "shared";
    case Role::protected_host: return "protected";
    case Role::sanctioned: return "sanctioned";
    case Role::never_block: return "never-block";
    case Role::service: return "service";
    }
    return "unknown";
}

std::string_view to_string(NameOutcome outcome) {
    switch (outcome) {
    case NameOutcome::answered: return "answered";
    case NameOutcome::no_data: return "no data";
    case NameOutcome::no_such_name: return "no such name";
    case NameOutcome::server_failure: return "server failure";
    case NameOutcome::refused: return "refused";
    case NameOutcome::timeout: return "timeout";
    case NameOutcome::malformed: return "malformed";
    case NameOutcome::filtered: return "filtered";
    case NameOutcome::stale: return "stale";
    case NameOutcome::bogus: return "bogus";
    }
    return "unknown";
}

} // namespace sweepgate
