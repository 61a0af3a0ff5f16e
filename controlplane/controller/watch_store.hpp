// SPDX-License-Identifier: Apache-2.0
// What outlives a restart of the controller beside the address book: alarms with begin and end,
// first-seen events, the gates that are expected. A file of its own, bounded, and nothing that
// enforcement needs: the controller runs without it while the disk is full.
#pragma once

#include <span>

#include "controlplane/book/sqlite.hpp"
#include "controlplane/controller/alarm_board.hpp"
#include "controlplane/controller/event_log.hpp"
#include "controlplane/wire/publisher.hpp"

namespace sweepgate::controller {

inline constexpr std::int64_t kAlarmsOnDisk = 10'000;
inline constexpr std::int64_t kEventsOnDisk = 10'000;

class WatchStore {
public:
    /// Opens or creates. A damaged file is put aside under the name with ".damaged", and an empty
    /// one begins: lost() says so, as it does of a file that is missing or empty. Errors: conflict
    /// when another process holds it; io.
    static Result<WatchStore> open(const std::filesystem::path& path);
    [[nodiscard]] const std::string& lost() const { return lost_; }
    /// There was no file, as at the first start of all.
    [[nodiscard]] bool is_new() const { return is_new_; }

    /// All or nothing. `gates` null: as they are on disk.
    Status save(std::span<const FiledAlarm> alarms, std::span<const GateEvent> events,
                const std::vector<wire::PeerState>* gates);

    /// The newest kKeptAlarms and all that stand, by id.
    [[nodiscard]] Result<std::vector<FiledAlarm>> alarms();
    /// The newest kKeptEvents, oldest first.
    [[nodiscard]] Result<std::vector<GateEvent>> events();
    [[nodiscard]] Result<std::vector<wire::PeerState>> gates();
    /// sqlite::Database::copy_to().
    Status copy_to(const std::filesystem::path& path) const { return database_.copy_to(path); }

private:
    explicit WatchStore(sqlite::Database database) : database_(std::move(database)) {}
    Status add(const FiledAlarm& filed);
    Status add(const GateEvent& event);
    Status add(const wire::PeerState& gate);
    sqlite::Database database_;
    std::string lost_;
    bool is_new_ = false;
};

} // namespace sweepgate::controller
