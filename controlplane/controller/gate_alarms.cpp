// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/gate_alarms.hpp"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace sweepgate::controller {

namespace {

Severity severity_of(GateState state) {
    switch (state) {
    case GateState::silent:
    case GateState::doubled:
    case GateState::ahead:
    case GateState::differs:
    case GateState::refuses:
    case GateState::bypassed:
    case GateState::stalled: return Severity::broken;
    default: return Severity::degraded;
    }
}

std::string text_of(const GateFault& fault, const GateRow& row) {
    const auto seen = std::chrono::floor<std::chrono::seconds>(row.said.last_seen);
    if (fault.state == GateState::silent && row.said.remembered)
        return fmt::format(
            "not heard since the controller started; {:%Y-%m-%d %H:%M:%S} UTC is the "
            "last time that was written down",
            fmt::gmtime(std::chrono::system_clock::to_time_t(seen)));
    if (fault.state == GateState::silent)
        return fmt::format("silent since {:%Y-%m-%d %H:%M:%S} UTC",
                           fmt::gmtime(std::chrono::system_clock::to_time_t(seen)));
    if (fault.state == GateState::ahead && !is_followed(row.generation))
        return fmt::format("ahead: holds generation {}, which no controller reaches and ours does "
                           "not follow; whoever signed it has the key: `sweepgate keys revoke-"
                           "signing`",
                           row.generation);
    if (fault.state == GateState::clock) return fault.text + " against the controller's";
    return fault.text;
}

std::uint64_t repaired(const GateRow& row) {
    if (row.said.report)
        for (const auto& counter : row.said.report->counters)
            if (counter.name == "repaired") return counter.packets;
    return 0;
}

/// What the box itself says has to be mended; its gate enforces all the same.
void add_faults(const GateRow& row, const wire::Moment& now, std::vector<Alarm>& alarms) {
    if (!row.said.report || row.state() == GateState::silent) return;
    Alarm alarm;
    alarm.kind = "gate-fault";
    alarm.gate = row.said.gate;
    alarm.since = std::chrono::floor<std::chrono::seconds>(now.wall);
    for (std::string_view warning : row.said.report->warnings) {
        if (!warning.starts_with(kFaultWarning)) continue;
        warning.remove_prefix(kFaultWarning.size());
        alarm.text += (alarm.text.empty() ? "" : "; ") + std::string(warning);
    }
    if (!alarm.text.empty()) alarms.push_back(std::move(alarm));
}

} // namespace

bool GateAlarms::is_due(const GateFault& fault, const GateRow& row, Steady since,
                        Steady now) const {
    switch (fault.state) {
    case GateState::silent:
        // After a start of ours everybody is unheard for a moment.
        return !row.said.remembered || now - started_.steady >= bounds_.start_grace;
    case GateState::behind: return now - since >= bounds_.behind_after;
    case GateState::ahead:
    case GateState::differs:
    case GateState::refuses:
    case GateState::clock: return now - since >= bounds_.settled_after;
    default: return true;
    }
}

Alarm GateAlarms::alarm_of(const GateFault& fault, const GateRow& row,
                           const wire::Moment& now) const {
    Alarm alarm;
    alarm.kind = "gate-" + std::string(to_string(fault.state));
    alarm.gate = row.said.gate;
    alarm.severity = severity_of(fault.state);
    alarm.text = text_of(fault, row);
    alarm.since = std::chrono::floor<std::chrono::seconds>(now.wall);
    return alarm;
}

void GateAlarms::look_at_repairs(const GateRow& row, const wire::Moment& now,
                                 std::vector<Alarm>& alarms) {
    if (row.state() == GateState::silent) return;
    const auto count = repaired(row);
    const auto [entry, is_new] =
        repairs_.try_emplace({row.said.gate, row.said.instance}, Repairs{count, 0, now.steady});
    auto& repairs = entry->second;
    if (count > repairs.seen) {
        repairs.fresh += count - repairs.seen;
        repairs.last = now.steady;
    }
    repairs.seen = count;
    if (now.steady - repairs.last >= bounds_.repair_stands) repairs.fresh = 0;
    if (repairs.fresh == 0) return;
    Alarm alarm;
    alarm.kind = "gate-repaired";
    alarm.gate = row.said.gate;
    alarm.text = fmt::format("somebody changed its rules; put back {} time{}", repairs.fresh,
                             repairs.fresh == 1 ? "" : "s");
    alarm.since = std::chrono::floor<std::chrono::seconds>(now.wall);
    alarms.push_back(std::move(alarm));
}

std::vector<Alarm> GateAlarms::look(const std::vector<GateRow>& rows, const wire::Moment& now) {
    std::vector<Alarm> alarms;
    std::map<Key, Steady> since;
    ratchet_.reset();
    for (const auto& row : rows) {
        for (const auto& fault : row.faults) {
            const Key key{row.said.gate, row.said.instance, fault.state};
            const auto before = since_.find(key);
            const auto began = before == since_.end() ? now.steady : before->second;
            since[key] = began;
            if (!is_due(fault, row, began, now.steady)) continue;
            alarms.push_back(alarm_of(fault, row, now));
            const bool loses = fault.state == GateState::ahead || fault.state == GateState::differs;
            if (loses && is_followed(row.generation) &&
                (!ratchet_ || row.generation > ratchet_->generation))
                ratchet_ = Ratchet{row.generation, row.digest, row.said.gate};
        }
        look_at_repairs(row, now, alarms);
        add_faults(row, now, alarms);
    }
    since_ = std::move(since);
    std::erase_if(repairs_, [&](const auto& each) {
        return std::ranges::none_of(rows, [&](const GateRow& row) {
            return row.said.gate == each.first.first && row.said.instance == each.first.second;
        });
    });
    return alarms;
}

} // namespace sweepgate::controller
