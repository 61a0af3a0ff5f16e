// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/verbs.hpp"

#include <fmt/format.h>

#include "controlplane/controller/audit_origin.hpp"
#include "controlplane/controller/backup_verb.hpp"
#include "controlplane/controller/changes.hpp"
#include "controlplane/controller/decision_verbs.hpp"
#include "controlplane/controller/events.hpp"
#include "controlplane/controller/gate_verbs.hpp"
#include "controlplane/controller/json.hpp"
#include "controlplane/controller/number.hpp"
#include "controlplane/controller/planned.hpp"
#include "controlplane/controller/policy_verbs.hpp"
#include "controlplane/controller/top.hpp"
#include "controlplane/controller/who.hpp"
#include "controlplane/controller/why.hpp"
#include "controlplane/guard/translated.hpp"
#include "controlplane/model/name.hpp"
#include "controlplane/model/version.hpp"
#include "controlplane/wire/envelope.hpp"

namespace sweepgate::controller {

using nlohmann::json;
using wire::AdminReply;

namespace {

constexpr std::size_t kListed = 100;

SystemCounter sum_over(const std::vector<wire::PeerState>& gates, const std::string& system) {
    SystemCounter sum{system};
    for (const auto& gate : gates) {
        if (!gate.report) continue;
        for (const auto& counter : gate.report->systems)
            if (counter.system == system) {
                sum.dropped += counter.dropped;
                sum.rejected += counter.rejected;
                sum.monitored += counter.monitored;
                for (std::size_t i = 0; i < kPortClasses; ++i)
                    sum.port_classes[i] += counter.port_classes[i];
                sum.limited += counter.limited;
                sum.within += counter.within;
            }
    }
    return sum;
}

/// On which ports a packet of this system can be stopped at all: "all ports", "own ports", "all
/// ports, 3 own ports" (of three prefixes on own ports alone), "nothing"; empty where the action
/// stops nothing anyway. The web's ports of shared addresses are no own ports unless the policy
/// says so.
std::string stops(const System& system, Action action, const SystemExtent& extent) {
    if (action != Action::drop && action != Action::reject && action != Action::limit) return {};
    const auto all = extent.ipv4 + extent.ipv6;
    if (all == 0 || (extent.shared == all && system.ports.empty())) return "nothing";
    if (extent.shared == 0) return "all ports";
    if (extent.shared == all) return "own ports";
    return system.ports.empty() ? fmt::format("all ports, {} nothing", extent.shared)
                                : fmt::format("all ports, {} own ports", extent.shared);
}

json system_rows(const View& view, const std::vector<wire::PeerState>& gates,
                 const SystemCoverages& coverages) {
    auto rows = json::array();
    if (!view.snapshot) return rows;
    const auto found = extents(*view.snapshot, translation_prefixes(view.policy.nat64));
    const auto& rules = view.snapshot->rules;
    for (std::size_t i = 0; i < rules.systems.size(); ++i) {
        const auto& system = rules.systems[i];
        const auto counters = sum_over(gates, system.id);
        const auto coverage = coverages.find(system.id);
        rows.push_back(
            {{"id", system.id},
             {"name", system.name},
             {"category", system.category},
             {"action", to_string(rules.actions[kEveryone][i])},
             {"ipv4", found[i].ipv4},
             {"ipv6", found[i].ipv6},
             {"shared", found[i].shared},
             {"stops", stops(system, rules.actions[kEveryone][i], found[i])},
             {"coverage", coverage == coverages.end() ? json(nullptr) : json(coverage->second)},
             {"held", held_reason(view.plan.get(), system.id)},
             {"dropped", counters.dropped},
             {"rejected", counters.rejected},
             {"monitored", counters.monitored},
             {"limited", counters.limited},
             {"within", counters.within},
             {"packets_per_second", system.packets_per_second},
             {"port_classes", to_json(counters.port_classes)}});
    }
    return rows;
}

AdminReply status(Controller& controller, const Surroundings& surroundings) {
    const auto gates = surroundings.gates(); // before ours: what they hold was published by then
    const auto view = controller.view();
    const auto newest = view.snapshot ? view.snapshot->generation : 0;
    json object{{"version", version_text(wire::kSchema)},
                {"generation", newest},
                {"policy", view.policy_number},
                {"signing_key", view.signing.key},
                {"trust_version", view.signing.trust_version},
                {"names", view.names},
                {"round", to_json(view.round)},
                {"sweep", to_json(surroundings.cadence())},
                {"systems", system_rows(view, gates, controller.coverages())},
                {"wire", surroundings.wire_counters()}};
    object["gates"] = gate_rows(view, gates, controller.config());
    object["health"] = to_json(health_of(view.alarms));
    object["alarms"] = list_of(view.alarms, [](const Alarm& alarm) { return to_json(alarm); });
    auto lost = view.policy.warnings; // what lists lost without being none
    lost.insert(lost.end(), view.catalog.warnings.begin(), view.catalog.warnings.end());
    object["warnings"] = lost;
    if (const auto filed = controller.policies(1); !filed.empty()) {
        object["policy_file"] = filed.front().note.file;
        object["policy_author"] = filed.front().note.author;
    }
    object["refused"] = json::object();
    if (view.plan)
        for (const auto& [refusal, count] : view.plan->refused_by_reason())
            object["refused"][std::string(to_string(refusal))] = count;
    if (view.snapshot) {
        object["digest"] = to_hex(digest_of(*view.snapshot));
        object["issued_at"] = to_json(view.snapshot->issued_at);
        object["expires_at"] = to_json(view.snapshot->expires_at);
        object["prefixes"] =
            count_untranslated(*view.snapshot, translation_prefixes(view.policy.nat64));
        object["allowed_prefixes"] = view.snapshot->rules.allow.size();
    }
    return ok(object);
}

AdminReply history(Controller& controller, const std::string& argument) {
    const auto address = parse_address(argument);
    const auto hostname = address ? Result<std::string>(std::string{}) : canonical_name(argument);
    if (!hostname) return AdminReply::fault(hostname.error());
    const auto entries = address ? controller.history(*address) : controller.history(*hostname);
    if (!entries) return AdminReply::fault(entries.error());
    std::set<std::string> hostnames;
    if (!address) hostnames.insert(*hostname);
    for (const auto& entry : *entries) hostnames.insert(entry.name.hostname);
    const auto names = controller.name_states(hostnames);
    if (!names) return AdminReply::fault(names.error());
    const bool unknown = !address && names->empty();
    return ok({{"now", to_json(now())},
               {"note", unknown ? why_unknown(controller, *hostname) : std::string{}},
               {"names", list_of(*names, [](const auto& each) { return to_json(each); })},
               {"sightings", list_of(*entries, [](const auto& each) { return to_json(each); })}});
}

AdminReply audit(Controller& controller) {
    const auto entries = controller.audit_log(kListed);
    if (!entries) return AdminReply::fault(entries.error());
    return ok({{"audit", list_of(*entries, [](const AuditEntry& entry) {
                    return json{{"id", entry.id},         {"time", to_json(entry.time)},
                                {"who", entry.who},       {"origin", entry.origin},
                                {"verb", entry.verb},     {"detail", entry.detail},
                                {"result", entry.result}, {"hash", to_hex(entry.hash)}};
                })}});
}

AdminReply verify_audit(const Controller& controller) {
    const auto walk = controller.verify_audit();
    if (!walk) return AdminReply::fault(walk.error());
    return ok({{"whole", walk->whole},
               {"unchained", walk->unchained},
               {"first", to_json(walk->first)},
               {"last", to_json(walk->last)},
               {"head", walk->whole == 0 ? 0 : walk->next - 1},
               {"hash", to_hex(walk->before)}});
}

AdminReply generations(Controller& controller) {
    const auto published = controller.generations(kListed);
    if (!published) return AdminReply::fault(published.error());
    return ok({{"generations", list_of(*published, [](const PublishedGeneration& each) {
                    return json{{"generation", each.number},
                                {"digest", to_hex(each.digest)},
                                {"time", to_json(each.time)},
                                {"cause", each.cause}};
                })}});
}

} // namespace

std::map<std::string, wire::Effort> reading_verbs() {
    std::map<std::string, wire::Effort> verbs;
    for (const auto* verb :
         {"status", "gates", "health", "events", "audit", "generations", "policies", "policy"})
        verbs[verb] = wire::Effort::quick;
    for (const auto* verb : {"why", "top", "plan", "plan-at", "plan-snapshot", "history", "diff",
                             "policy-diff", "audit-verify"})
        verbs[verb] = wire::Effort::lengthy;
    return verbs;
}

namespace {

AdminReply answer_verb(Controller& controller, const Surroundings& surroundings,
                       const wire::Peer& peer, const wire::AdminRequest& request) {
    const auto& verb = request.verb;
    if (verb == "status") return status(controller, surroundings);
    if (verb == "gates") return gates(controller, surroundings);
    if (verb == "health") return health(controller);
    if (verb == "gates-forget")
        return forget_gate(controller, surroundings, peer, request.argument);
    if (verb == "why") return why(controller, surroundings, request);
    if (verb == "top") return top(controller, surroundings, request);
    if (verb == "events") return events(controller, surroundings, request);
    if (verb == "plan") return plan(controller, request.argument);
    if (verb == "plan-at") return plan_at(controller, request.argument);
    if (verb == "plan-snapshot") return planned_snapshot(controller, request.argument);
    if (verb == "history") return history(controller, request.argument);
    if (verb == "audit") return audit(controller);
    if (verb == "audit-verify") return verify_audit(controller);
    if (verb == "generations") return generations(controller);
    if (verb == "diff") return diff(controller, request.argument);
    if (verb == "policies") return policies(controller);
    if (verb == "policy") return policy(controller, request.argument);
    if (verb == "policy-diff") return policy_diff(controller, request.argument);
    if (verb == "push" || verb == "rollback")
        return change_policy(controller, surroundings, peer, request);
    if (verb == "approve" || verb == "refuse")
        return change_hold(controller, surroundings, peer, request);
    if (verb == "backup") return backup(controller, surroundings, peer);
    if (verb == "refresh") {
        controller.audit(peer.name, verb, "", "ok", origin_of(peer));
        surroundings.hurry_sweep();
        return ok({{"started", true}});
    }
    surroundings.note_refused({peer, "", verb, "unknown request"});
    return AdminReply::fault({Errc::not_found, "unknown request '" + verb + "'"});
}

/// Every answer is an object, and says which: {"kind": "status", ...}.
void name_kind(AdminReply& reply, std::string_view verb) {
    if (reply.failed || !reply.json.starts_with('{')) return;
    if (verb == "plan-at") verb = "plan";
    const bool empty = reply.json.starts_with("{}");
    reply.json.insert(1, fmt::format(R"("kind":"{}"{})", verb, empty ? "" : ","));
}

} // namespace

AdminReply answer(Controller& controller, const Surroundings& surroundings, const wire::Peer& peer,
                  const wire::AdminRequest& request) {
    // Whoever changes something has an entry for each time.
    if (reading_verbs().contains(request.verb) && peer.role != wire::Role::local)
        surroundings.note_refused({peer, "", request.verb, ""});
    auto reply = answer_verb(controller, surroundings, peer, request);
    name_kind(reply, request.verb);
    return reply;
}

} // namespace sweepgate::controller
