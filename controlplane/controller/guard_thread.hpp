// SPDX-License-Identifier: Apache-2.0
// Asks what the guard wants to know beside the sweeps, so that a slow reverse zone holds up
// nothing.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "controlplane/controller/controller.hpp"

namespace sweepgate::controller {

class GuardThread {
public:
    /// Errors: bad_input for a resolver that is no address.
    static Result<std::unique_ptr<GuardThread>> create(Controller& controller);
    ~GuardThread();
    GuardThread(const GuardThread&) = delete;
    GuardThread& operator=(const GuardThread&) = delete;

    /// Once, on the caller's thread and before the first sweep: no filter's block page may be in
    /// the first generation. Then everything else, on an own thread.
    void run(const std::function<bool()>& stop_requested);
    void stop();

private:
    GuardThread(Controller& controller, std::unique_ptr<GuardSweep> sweep);
    void loop();
    void ask(const std::function<bool()>& stop_requested);
    bool wait(); // false: to stop
    [[nodiscard]] bool is_stopping();

    Controller& controller_;
    std::unique_ptr<GuardSweep> sweep_;
    std::mutex lock_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace sweepgate::controller
