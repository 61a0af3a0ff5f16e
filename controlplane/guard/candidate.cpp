// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/candidate.hpp"

namespace sweepgate {

std::string_view to_string(Disposition disposition) {
    switch (disposition) {
    case Disposition::exclusive: return "exclusive";
    case Disposition::shared: return "shared";
    case Disposition::refused: return "refused";
    }
    return "unknown";
}

std::string_view to_string(Refusal refusal) {
    switch (refusal) {
    case Refusal::none: return "none";
    case Refusal::own_network: return "own-network";
    case Refusal::never_block: return "never-block";
    case Refusal::in_use: return "in-use";
    case Refusal::sanctioned: return "sanctioned";
    case Refusal::not_public: return "not-public";
    case Refusal::too_wide: return "too-wide";
    case Refusal::sinkhole: return "sinkhole";
    case Refusal::protected_host: return "protected";
    case Refusal::flood: return "flood";
    case Refusal::foreign_chain: return "foreign-chain";
    case Refusal::quorum: return "quorum";
    case Refusal::by_admin: return "by-admin";
    }
    return "unknown";
}

} // namespace sweepgate
