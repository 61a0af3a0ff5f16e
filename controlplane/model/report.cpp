// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/report.hpp"

namespace sweepgate {

std::string_view to_string(GateKind kind) {
    switch (kind) {
    case GateKind::nftables: return "nftables";
    case GateKind::dpdk: return "dpdk";
    }
    return "unknown";
}

} // namespace sweepgate
