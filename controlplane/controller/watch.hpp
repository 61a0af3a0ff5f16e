// SPDX-License-Identifier: Apache-2.0
// Looks each second at what gates say, and every few seconds at what else may be wrong:
//
//   gates thread : peers -> judge_gates -> GateAlarms -> alarm board      never waits for a lock or
//                                                                         a disk
//   desk thread  : the generation to go on above, refusals -> audit, alarms and events -> disk,
//                  names, resolvers, storage -> alarm board
//
// From a gate's last report to its alarm: GateBounds::silent_after and a turn.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "controlplane/controller/controller.hpp"
#include "controlplane/controller/event_log.hpp"
#include "controlplane/controller/gate_alarms.hpp"
#include "controlplane/controller/refusal_log.hpp"
#include "controlplane/controller/watch_store.hpp"

namespace sweepgate::controller {

class Watch {
public:
    Watch(Controller& controller, EventLog& events, RefusalLog& refusals);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch(); // stops

    /// Gives `publisher` the gates of before, and begins.
    void start(wire::Publisher& publisher);
    void stop();
    /// What goes out, before it goes.
    void note_published(const Published& ours);
    /// Of the list of signing keys.
    void note_trust(std::uint64_t version);
    /// What is kept of alarms, events and gates, into a new file. Errors: io.
    Status copy_to(const std::filesystem::path& path);

private:
    using Steady = std::chrono::steady_clock;
    void open_store();
    void watch_gates();
    void work_desk();
    bool wait(std::chrono::milliseconds pause); // false: to stop
    void look_at_gates();
    /// Those of gates, as they stood when we were started, until it shows which still do.
    void keep_standing(const std::vector<GateRow>& rows, std::vector<Alarm>& alarms,
                       std::string_view kind = {}) const;
    /// How far `now` can be believed after the last look.
    struct Steadiness {
        bool ages = true;   // we were not held up ourselves: who is silent is so
        bool clocks = true; // ours did not jump: who differs from it does
    };
    [[nodiscard]] Steadiness steadiness(const wire::Moment& now);
    void follow_gates();
    void write_refusals();
    void save(bool last);
    void look_at_storage();

    Controller& controller_;
    EventLog& events_;
    RefusalLog& refusals_;
    wire::Publisher* publisher_ = nullptr;
    std::mutex store_lock_; // guards the store alone
    std::optional<WatchStore> store_;
    std::string store_fault_;
    std::vector<Alarm> store_lost_; // one or none; stands until the next start
    Steady::time_point store_again_{};
    Steady::time_point gates_saved_{};
    std::vector<std::pair<std::string, std::string>> gates_on_disk_; // name, instance

    std::mutex lock_; // guards all below
    std::condition_variable wake_;
    bool stopping_ = false;
    Published ours_;
    std::optional<Ratchet> ratchet_;

    GateAlarms gate_alarms_; // of the gates thread
    Steady::time_point started_ = Steady::now();
    std::optional<wire::Moment> last_look_;
    Steady::time_point ages_from_{};
    Steady::time_point clocks_from_{};

    Steady::time_point follow_again_{}; // of the desk thread
    std::chrono::seconds follow_wait_{0};
    std::string followed_;
    Steady::time_point followed_at_{};
    std::thread gates_thread_;
    std::thread desk_thread_;
};

} // namespace sweepgate::controller
