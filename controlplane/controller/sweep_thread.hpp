// SPDX-License-Identifier: Apache-2.0
// Round after round: sweeps every name of the policy, hands the answers to the controller and
// waits for the next turn or for a call.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "controlplane/controller/controller.hpp"

namespace sweepgate::controller {

class SweepThread {
public:
    /// Errors: bad_input for a resolver that is no address.
    static Result<std::unique_ptr<SweepThread>> create(Controller& controller);
    ~SweepThread();
    SweepThread(const SweepThread&) = delete;
    SweepThread& operator=(const SweepThread&) = delete;

    void run();
    /// The next round starts at once, or right behind the running one.
    void start_round();
    /// Abandons the running round and waits for the thread.
    void stop();
    /// False when the thread has not turned for long: the watchdog may then act.
    [[nodiscard]] bool is_alive() const;

private:
    SweepThread(Controller& controller, std::unique_ptr<Sweeper> sweeper);
    void loop();
    void round();
    void turn();

    Controller& controller_;
    std::unique_ptr<Sweeper> sweeper_;
    std::mutex lock_;
    std::condition_variable wake_;
    bool stopping_ = false;
    bool wanted_ = false;
    std::atomic<bool> abandon_ = false;
    std::atomic<std::int64_t> last_turn_s_ = 0; // steady clock
    std::thread thread_;
};

} // namespace sweepgate::controller
