// SPDX-License-Identifier: Apache-2.0
// The controller's part in what is watched: alarms that come with time, and gates that hold a
// generation which ours does not replace.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "controlplane/controller/controller.hpp"
#include "controlplane/controller/gate_alarms.hpp"
#include "controlplane/controller/json.hpp"
#include "controlplane/model/text.hpp"

namespace sweepgate::controller {

void Controller::note_silent(std::vector<std::string> resolvers) {
    const std::lock_guard guard(lock_);
    silent_resolvers_ = std::move(resolvers);
}

void Controller::raise_start_faults() const {
    std::vector<Alarm> alarms;
    for (const auto& fault : faults_.all()) {
        const auto severity = fault.severity == "broken"     ? Severity::broken
                              : fault.severity == "degraded" ? Severity::degraded
                                                             : Severity::info;
        alarms.push_back({fault.kind, "", fault.text, fault.since, severity});
    }
    for (const auto* lost : {&policy_.warnings, &catalog_.warnings})
        for (const auto& text : *lost) alarms.push_back({"list", "", text, now(), Severity::info});
    board_.update("start", std::move(alarms), now());
}

void Controller::look_around() {
    const std::lock_guard guard(lock_);
    const auto moment = now();
    raise_start_faults();
    if (plan_) {
        raise_alarms();
        board_.update("quorum", quorum_waits(*plan_, config_.alarms.quorum_after, moment), moment);
    }
    const auto round = rounds_.summary(moment);
    std::vector<Alarm> resolvers;
    std::vector<Alarm> failing;
    if (round.silent_since != Instant{}) {
        resolvers.push_back(
            {"resolver-silent", "", "no resolver answers; every address stays as it is", moment});
    } else {
        for (const auto& server : silent_resolvers_)
            resolvers.push_back({"resolver-silent", server, "does not answer", moment});
        if (const auto names = book_.names())
            failing = failing_systems(*names, names_to_sweep(catalog_, policy_), moment);
    }
    board_.update("resolvers", std::move(resolvers), moment);
    board_.update("names", std::move(failing), moment);
    std::vector<Alarm> failed;
    if (!round.error.empty())
        failed.push_back({"round-failed", "", "the last round failed: " + round.error, moment});
    board_.update("round", std::move(failed), moment);
}

Result<Generation> Controller::continue_above(Generation held, const Digest& digest,
                                              const std::string& gate) {
    const std::lock_guard guard(lock_);
    const auto ours = current_ ? current_->generation : 0;
    const bool differs = current_ && held == ours && digest != digest_of(*current_);
    // Nor one of an epoch that is not begun.
    if (!is_followed(held) || held > signing_.trust().most_generation())
        return fail(Errc::refused, fmt::format("generation {} is not followed", held));
    if (held < ours || (held == ours && !differs)) return ours;
    floor_ = std::max(floor_, held);
    newest_ = std::max(newest_, held);
    // Before the first round nothing is published: its number will be above.
    if (!current_) return ours;
    const auto cause = differs
                           ? fmt::format("{} holds another generation {}", gate, held)
                           : fmt::format("{} holds generation {}, ours was {}", gate, held, ours);
    const auto generation = rebuild("continued above: " + cause);
    const auto result =
        generation ? fmt::format("ok: generation {}", *generation) : generation.error().what;
    spdlog::warn("{}: {}", printable(cause), printable(result));
    if (auto ok = write_audit({now(), "controller", "continue-above", cause, result}); !ok)
        spdlog::error("audit log: {}", ok.error().what);
    return generation;
}

} // namespace sweepgate::controller
