// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/gate_verbs.hpp"

#include <algorithm>

#include "controlplane/controller/audit_origin.hpp"
#include "controlplane/controller/json.hpp"
#include "controlplane/model/nearest.hpp"

namespace sweepgate::controller {

using nlohmann::json;
using wire::AdminReply;

Published published_by(const View& view) {
    if (!view.snapshot) return {};
    return {view.snapshot->generation, digest_of(*view.snapshot), view.signing.trust_version};
}

GateBounds bounds_of(const Config& config) {
    GateBounds bounds;
    bounds.clock_skew = config.alarms.clock_skew;
    return bounds;
}

json gate_rows(const View& view, std::vector<wire::PeerState> gates, const Config& config) {
    const auto rows = judge_gates(std::move(gates), published_by(view), bounds_of(config));
    return list_of(rows, [](const GateRow& row) { return to_json(row); });
}

wire::AdminReply gates(Controller& controller, const Surroundings& surroundings) {
    auto said = surroundings.gates(); // before ours: what they hold was published by then
    const auto view = controller.view();
    const auto ours = published_by(view);
    return ok({{"generation", ours.generation},
               {"digest", to_hex(ours.digest)},
               {"gates", gate_rows(view, std::move(said), controller.config())}});
}

wire::AdminReply forget_gate(Controller& controller, const Surroundings& surroundings,
                             const wire::Peer& peer, const std::string& gate) {
    const auto said = surroundings.gates();
    const GateBounds bounds;
    const auto rows = judge_gates(said, {}, bounds);
    const bool alive = std::ranges::any_of(rows, [&](const GateRow& row) {
        return row.said.gate == gate && row.state() != GateState::silent;
    });
    Status done;
    if (!surroundings.forget_gate(gate)) {
        std::vector<std::string> known;
        for (const auto& each : said) known.push_back(each.gate);
        done = fail(Errc::not_found, "no gate has the name '" + gate.substr(0, kMaxText) + "'" +
                                         did_you_mean(gate, known));
    }
    controller.audit(peer.name, "gates-forget", gate.substr(0, kMaxText),
                     done ? "ok" : done.error().what, origin_of(peer));
    if (!done) return AdminReply::fault(done.error());
    return ok({{"gate", gate}, {"alive", alive}});
}

wire::AdminReply health(const Controller& controller) {
    return ok(to_json(health_of(controller.alarm_board().standing())));
}

} // namespace sweepgate::controller
