// SPDX-License-Identifier: Apache-2.0
// Every alarm that stands, whoever raises it, and those that have ended. A source says anew what
// stands each time it looks; what it no longer says has ended. Thread-safe; touches no disk: what
// is to be kept is fetched with take_changes().
#pragma once

#include <deque>
#include <map>
#include <mutex>

#include "controlplane/controller/alarms.hpp"

namespace sweepgate::controller {

inline constexpr std::size_t kKeptAlarms = 1000;

struct FiledAlarm {
    std::uint64_t id = 0;
    std::string source;
    Alarm alarm;
};

class AlarmBoard {
public:
    /// Replaces those of `source` that stand: "guard", "gates", "storage", "start", ... One that
    /// stood before keeps its beginning. Beginnings and ends are logged.
    void update(const std::string& source, std::vector<Alarm> standing, Instant now);

    /// Those of before this program started, oldest first. What stood then stands until its source
    /// has spoken.
    void restore(std::vector<FiledAlarm> filed);
    /// What began, ended or reads otherwise since the last call. `again` of one that failed to
    /// write it comes back with the next.
    [[nodiscard]] std::vector<FiledAlarm> take_changes();
    void take_back(std::vector<FiledAlarm> changes);

    /// The worst first, then by system, gate and kind.
    [[nodiscard]] std::vector<Alarm> standing() const;
    [[nodiscard]] std::vector<Alarm> standing(const std::string& source) const;
    /// By their beginning, the newest first; ended ones too.
    [[nodiscard]] std::vector<Alarm> newest(std::size_t most) const;

private:
    using Key = std::tuple<std::string, std::string, std::string, std::string>;
    static Key key_of(const std::string& source, const Alarm& alarm);
    void begin(const Key& key, const std::string& source, Alarm alarm);
    void changed(const FiledAlarm& filed);

    mutable std::mutex mutex_;
    std::map<Key, FiledAlarm> standing_; // by source, kind, system, gate
    std::deque<FiledAlarm> ended_;       // the last that ended first
    std::map<std::uint64_t, FiledAlarm> changes_;
    std::uint64_t next_id_ = 1;
};

} // namespace sweepgate::controller
