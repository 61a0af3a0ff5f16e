// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/decision_verbs.hpp"

#include <fmt/format.h>

#include "controlplane/controller/audit_origin.hpp"
#include "controlplane/controller/changes.hpp"
#include "controlplane/controller/json.hpp"
#include "controlplane/controller/number.hpp"
#include "controlplane/controller/policy_verbs.hpp"
#include "controlplane/controller/request_options.hpp"

namespace sweepgate::controller {

using nlohmann::json;
using wire::AdminReply;

namespace {

Result<std::optional<std::uint64_t>> policy_number(const std::string& text) {
    if (text.empty()) return std::optional<std::uint64_t>{};
    const auto number = number_from(text);
    if (!number)
        return fail(Errc::bad_input, "'" + text.substr(0, 40) + "' is not a policy number");
    return number;
}

Result<PolicyChange> change(Controller& controller, const wire::AdminRequest& request,
                            const Submission& by) {
    if (request.verb == "push") return controller.push(request.argument, by);
    const auto number = policy_number(request.argument);
    if (!number) return tl::unexpected(number.error());
    return controller.rollback(*number, by);
}

void add_outcome(json& object, const Controller& controller, const Decided& decided) {
    object["generation"] = decided.generation;
    object["generation_before"] = decided.before ? decided.before->generation : 0;
    object["policy"] = decided.policy;
    object["asks"] = decided.asks;
    object["reach"] = to_json(decided.reach);
    if (!decided.asks.empty() || !decided.after || !decided.plan) return;
    const auto names = names_in_book(controller);
    const auto written = [](const auto& plan) {
        return plan ? written_prefixes(plan->judgements) : WrittenPrefixes{};
    };
    object["changes"] = to_json(difference(decided.before ? *decided.before : Snapshot{},
                                           *decided.after, names, decided.nat64(), 10'000,
                                           written(decided.plan_before), written(decided.plan)));
    object["holds"] =
        list_of(decided.plan->holds, [&](const Hold& hold) { return to_json(hold, names); });
    object["not_in_force"] = not_in_force(*decided.plan);
    const auto view = controller.view();
    object["idle"] = idle_systems(view.catalog, view.policy, *decided.after);
}

/// What was asked, for the audit of what was not done.
std::string asked(const Submission& by, const wire::AdminRequest& request) {
    const auto what = request.verb == "push" ? fmt::format("{} bytes", request.argument.size())
                                             : request.argument.substr(0, kMaxText);
    if (by.file.empty()) return what;
    return by.file + (by.message.empty() ? "" : ": " + by.message) + "; " + what;
}

std::string result_of(const Decided& decided) {
    if (!decided.asks.empty()) return not_said(decided.asks).what;
    return fmt::format("ok: generation {}, policy {}: {}", decided.generation, decided.policy,
                       words_of(decided.reach));
}

} // namespace

json to_json(const Reach& reach) {
    return {{"before", reach.before},
            {"after", reach.after},
            {"opened", reach.opened},
            {"shut", reach.shut},
            {"words", words_of(reach)}};
}

json not_in_force(const SnapshotPlan& plan) {
    auto rows = json::array();
    for (const auto& each : plan.judgements)
        if (each.disposition == Disposition::refused && each.hostname.empty() &&
            (each.origin.source == Source::admin || each.origin.source == Source::asn_list))
            rows.push_back({{"system", each.system},
                            {"prefix", to_string(each.prefix)},
                            {"place", each.origin.place},
                            {"reason", each.reason}});
    return rows;
}

json idle_systems(const Catalog& catalog, const Policy& policy, const Snapshot& snapshot) {
    const auto& rules = snapshot.rules;
    std::vector<bool> exclusive(rules.systems.size());
    std::vector<bool> shared(rules.systems.size());
    for (const auto& entry : snapshot.entries) {
        const auto& address_class = rules.classes[entry.address_class];
        for (const auto system : address_class.systems)
            (address_class.scope == Scope::shared ? shared : exclusive)[system] = true;
    }
    std::set<std::string> asked;
    for (const auto& name : names_to_sweep(catalog, policy)) asked.insert(name.system);
    for (const auto& owner : srv_owners(catalog, policy)) asked.insert(owner.system);
    auto rows = json::array();
    for (std::size_t i = 0; i < rules.systems.size(); ++i) {
        const auto& system = rules.systems[i];
        if (exclusive[i] || (shared[i] && !system.ports.empty())) continue;
        rows.push_back(
            {{"system", system.id},
             {"why", shared[i] ? "only shared addresses, and no port but the web's"
                     : asked.contains(system.id) ? "no address yet"
                                                 : "it has no address, and no name to find one"}});
    }
    return rows;
}

AdminReply change_policy(Controller& controller, const Surroundings& surroundings,
                         const wire::Peer& peer, const wire::AdminRequest& request) {
    const auto options = RequestOptions::read(request, {"yes", "ask"}, {"file", "message"});
    if (!options) return AdminReply::fault(options.error());
    const Submission by{peer.name, options->text("file"), options->text("message"),
                        options->flag("yes")};
    const auto done = change(controller, request, by);
    const bool changed = done && done->decided.asks.empty();
    controller.audit(peer.name, request.verb, changed ? audit_detail(*done) : asked(by, request),
                     done ? result_of(done->decided) : done.error().what, origin_of(peer));
    if (!done) return AdminReply::fault(done.error());
    if (!changed && !options->flag("ask")) return AdminReply::fault(not_said(done->decided.asks));
    if (changed) surroundings.take_names(); // those that the new policy adds are asked at once
    auto object = to_json(*done);
    add_outcome(object, controller, done->decided);
    return ok(object);
}

AdminReply change_hold(Controller& controller, const Surroundings& surroundings,
                       const wire::Peer& peer, const wire::AdminRequest& request) {
    const auto& system = request.argument;
    const auto done = request.verb == "approve" ? controller.approve(system, peer.name)
                                                : controller.refuse(system, peer.name);
    controller.audit(peer.name, request.verb, system.substr(0, kMaxText),
                     done ? result_of(*done) : done.error().what, origin_of(peer));
    if (!done) return AdminReply::fault(done.error());
    surroundings.take_names();
    json object{{"system", system}, {"hold", nullptr}};
    if (done->plan_before)
        for (const auto& hold : done->plan_before->holds)
            if (hold.system == system) object["hold"] = to_json(hold, names_in_book(controller));
    add_outcome(object, controller, *done);
    return ok(object);
}

} // namespace sweepgate::controller
