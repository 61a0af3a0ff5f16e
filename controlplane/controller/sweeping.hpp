// SPDX-License-Identifier: Apache-2.0
// The sweep and the guard's questions, as soon as there is a resolver to ask. A machine whose
// network comes later has none when it starts: what is published stays, and resolv.conf is looked
// at again.
#pragma once

#include <memory>
#include <mutex>

#include "controlplane/controller/guard_thread.hpp"
#include "controlplane/controller/sweep_thread.hpp"

namespace sweepgate::controller {

class Sweeping {
public:
    ///   resolv_conf  looked at while no resolver is configured
    explicit Sweeping(Controller& controller, std::string resolv_conf = "/etc/resolv.conf")
        : controller_(controller), resolv_conf_(std::move(resolv_conf)) {}
    Sweeping(const Sweeping&) = delete;
    Sweeping& operator=(const Sweeping&) = delete;
    ~Sweeping() { stop(); }

    /// Errors: bad_input for a resolver that is no address. That there is none is a fault of the
    /// controller's, and what it publishes is published all the same.
    Status start();
    /// Each second or so: starts what waits for a resolver.
    void turn();
    void hurry();
    void take_names();
    void stop();
    /// False when a thread has not turned for long: the watchdog may then act.
    [[nodiscard]] bool is_alive() const;
    [[nodiscard]] Cadence::Tally tally() const;

private:
    Status begin();

    Controller& controller_;
    std::string resolv_conf_;
    std::chrono::steady_clock::time_point look_at_{};
    mutable std::mutex lock_; // guards the two below
    std::unique_ptr<SweepThread> sweeps_;
    std::unique_ptr<GuardThread> guards_;
};

} // namespace sweepgate::controller
