// SPDX-License-Identifier: Apache-2.0
// Asks without end, as the cadence says, and hands the answers to the controller:
//
//   lane of healthy names --.
//                            +--> round --> writer: controller.record() --> cadence.learn()
//   lane of failing names --'
//
// Each lane is a thread with a sweeper of its own, because a sweep ends with its slowest name; one
// that has just fallen silent is handed from the first to the second when others are due. The
// writer is a third, because a disk may be slow and packets do not wait. What is as it was is
// written each kWriteEvery, a piece at a time; what has changed at once, between two pieces.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "controlplane/cadence/cadence.hpp"
#include "controlplane/controller/controller.hpp"
#include "resolver/sweep.hpp"

namespace sweepgate::controller {

[[nodiscard]] SweepOptions sweep_options(const ResolverConfig& config);

class SweepThread {
public:
    /// Errors: bad_input for a resolver that is no address.
    static Result<std::unique_ptr<SweepThread>> create(Controller& controller);
    ~SweepThread();
    SweepThread(const SweepThread&) = delete;
    SweepThread& operator=(const SweepThread&) = delete;

    /// `before` comes ahead of the first writing, on the writer's thread, and ends when its
    /// argument says so.
    using Before = std::function<void(const std::function<bool()>& stop_requested)>;
    void run(Before before = {});
    /// Catalog or policy have changed: names that are new are asked at once.
    void take_names();
    /// Everything is asked, as fast as the budget allows.
    void hurry();
    /// Abandons what is in flight, writes what was heard and waits for the threads.
    void stop();
    /// False when a thread has not turned for long: the watchdog may then act.
    [[nodiscard]] bool is_alive() const;
    [[nodiscard]] Cadence::Tally tally() const;

private:
    using Clock = std::chrono::steady_clock;
    struct Lane {
        Cadence::Lane which = Cadence::Lane::healthy;
        std::unique_ptr<Sweeper> sweeper;
        std::thread thread;
        std::atomic<std::int64_t> last_turn_s = 0; // steady clock
    };

    SweepThread(Controller& controller, std::unique_ptr<Sweeper> healthy,
                std::unique_ptr<Sweeper> failing);
    void set_names(const std::function<bool(const std::string&)>& known);
    void ask_on(Lane& lane);
    [[nodiscard]] std::vector<Ask> next_asks(Lane& lane);
    void sweep(Lane& lane, const std::vector<Ask>& asks);
    [[nodiscard]] bool is_held_up(const Lane& lane, Clock::time_point heard_at);
    void on_answer(const Ask& ask, const Answer& answer);
    void write_on(const Before& before);
    [[nodiscard]] Round next_round();
    [[nodiscard]] bool has_to_write(Clock::time_point now) const;
    void write(const Round& round);

    Controller& controller_;
    std::vector<std::string> vantage_names_;
    std::array<Lane, 2> lanes_;
    std::thread writer_;
    std::atomic<std::int64_t> writer_turn_s_ = 0;
    std::atomic<bool> abandon_ = false;

    mutable std::mutex lock_; // guards all below
    std::condition_variable wake_lanes_;
    std::condition_variable wake_writer_;
    Cadence cadence_;
    Agenda agenda_;
    std::atomic<bool> nothing_to_ask_ = false; // no system is enforced, no host protected
    Round heard_;
    std::set<std::string> changed_; // hostnames of which heard_ holds something new
    Clock::time_point write_at_{};  // all of heard_
    bool stopping_ = false;
};

} // namespace sweepgate::controller
