// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/alarm_board.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "controlplane/controller/gate_states.hpp"
#include "controlplane/model/text.hpp"

namespace sweepgate::controller {

namespace {

// While the disk takes nothing, changes wait here; of more than these the oldest are lost.
constexpr std::size_t kMostChanges = 4 * kKeptAlarms;

} // namespace

AlarmBoard::Key AlarmBoard::key_of(const std::string& source, const Alarm& alarm) {
    // Of what is wrong with files there may be several of a kind.
    return {source, alarm.kind, alarm.system, source == "start" ? alarm.text : alarm.gate};
}

void AlarmBoard::changed(const FiledAlarm& filed) {
    changes_[filed.id] = filed;
    while (changes_.size() > kMostChanges) changes_.erase(changes_.begin());
}

void AlarmBoard::begin(const Key& key, const std::string& source, Alarm alarm) {
    spdlog::warn("alarm, {}: {}", to_string(alarm.severity), printable(line_of(alarm)));
    auto& filed = standing_[key] = {next_id_++, source, std::move(alarm)};
    changed(filed);
}

void AlarmBoard::update(const std::string& source, std::vector<Alarm> standing, Instant now) {
    const std::lock_guard lock(mutex_);
    std::map<Key, Alarm> said;
    for (auto& alarm : standing) {
        const auto key = key_of(source, alarm); // first: the alarm is moved
        said.try_emplace(key, std::move(alarm));
    }
    for (auto entry = standing_.begin(); entry != standing_.end();) {
        auto& filed = entry->second;
        if (filed.source != source || said.contains(entry->first)) {
            ++entry;
            continue;
        }
        filed.alarm.until = std::max(now, filed.alarm.since);
        spdlog::info("alarm over after {}: {}", spoken(filed.alarm.until - filed.alarm.since),
                     printable(line_of(filed.alarm)));
        changed(filed);
        ended_.push_front(std::move(filed));
        entry = standing_.erase(entry);
    }
    if (ended_.size() > kKeptAlarms) ended_.resize(kKeptAlarms);
    for (auto& [key, alarm] : said) {
        const auto before = standing_.find(key);
        if (before == standing_.end()) {
            begin(key, source, std::move(alarm));
            continue;
        }
        alarm.since = before->second.alarm.since;
        const bool reads_otherwise = alarm.text != before->second.alarm.text ||
                                     alarm.severity != before->second.alarm.severity;
        before->second.alarm = std::move(alarm);
        if (reads_otherwise) changed(before->second);
    }
}

void AlarmBoard::restore(std::vector<FiledAlarm> filed) {
    const std::lock_guard lock(mutex_);
    for (auto& each : filed) {
        next_id_ = std::max(next_id_, each.id + 1);
        if (each.alarm.until != Instant{})
            ended_.push_front(std::move(each));
        else if (const auto key = key_of(each.source, each.alarm); !standing_.contains(key))
            standing_[key] = std::move(each);
    }
    if (ended_.size() > kKeptAlarms) ended_.resize(kKeptAlarms);
}

std::vector<FiledAlarm> AlarmBoard::take_changes() {
    const std::lock_guard lock(mutex_);
    std::vector<FiledAlarm> taken;
    for (auto& [id, filed] : changes_) taken.push_back(std::move(filed));
    changes_.clear();
    return taken;
}

void AlarmBoard::take_back(std::vector<FiledAlarm> changes) {
    const std::lock_guard lock(mutex_);
    for (auto& filed : changes) {
        const auto id = filed.id;
        changes_.try_emplace(id, std::move(filed)); // what came meanwhile is newer
    }
    while (changes_.size() > kMostChanges) changes_.erase(changes_.begin());
}

std::vector<Alarm> AlarmBoard::standing() const {
    std::vector<Alarm> alarms;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [key, filed] : standing_) alarms.push_back(filed.alarm);
    }
    std::sort(alarms.begin(), alarms.end(), [](const Alarm& a, const Alarm& b) {
        return std::tie(b.severity, a.system, a.gate, a.kind) <
               std::tie(a.severity, b.system, b.gate, b.kind);
    });
    return alarms;
}

std::vector<Alarm> AlarmBoard::standing(const std::string& source) const {
    const std::lock_guard lock(mutex_);
    std::vector<Alarm> alarms;
    for (const auto& [key, filed] : standing_)
        if (filed.source == source) alarms.push_back(filed.alarm);
    return alarms;
}

std::vector<Alarm> AlarmBoard::newest(std::size_t most) const {
    std::vector<Alarm> alarms;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [key, filed] : standing_) alarms.push_back(filed.alarm);
        for (const auto& filed : ended_) alarms.push_back(filed.alarm);
    }
    std::stable_sort(alarms.begin(), alarms.end(),
                     [](const Alarm& a, const Alarm& b) { return a.since > b.since; });
    if (alarms.size() > most) alarms.resize(most);
    return alarms;
}

} // namespace sweepgate::controller
