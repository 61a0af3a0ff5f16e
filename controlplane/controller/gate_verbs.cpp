// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/gate_verbs.hpp"

#include "controlplane/controller/json.hpp"

namespace sweepgate::controller {

using nlohmann::json;

Published published_by(const View& view) {
    if (!view.snapshot) return {};
    return {view.snapshot->generation, digest_of(*view.snapshot)};
}

json gate_rows(const View& view, std::vector<wire::PeerState> gates) {
    const auto rows = judge_gates(std::move(gates), published_by(view), GateBounds{});
    return list_of(rows, [](const GateRow& row) { return to_json(row); });
}

wire::AdminReply gates(Controller& controller, const Surroundings& surroundings) {
    const auto view = controller.view();
    const auto ours = published_by(view);
    return ok({{"generation", ours.generation},
               {"digest", to_hex(ours.digest)},
               {"gates", gate_rows(view, surroundings.gates())}});
}

} // namespace sweepgate::controller
