// SPDX-License-Identifier: Apache-2.0
// Watches the links of all ports, on a thread of its own, and carries a loss from one side of a
// pair to the other (link_carry.hpp).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "controlplane/model/report.hpp"
#include "dataplane/gate/link_carry.hpp"
#include "dataplane/gate/port.hpp"

namespace sweepgate::gate {

/// Told what an operator should read; from any thread.
using Notify = std::function<void(const std::string&)>;

class Links {
public:
    /// `ports`: inside and outside of each pair in turn; they live until stop().
    Links(std::span<const Port> ports, bool carry, Notify notify);
    Links(const Links&) = delete;
    Links& operator=(const Links&) = delete;
    ~Links() { stop(); }

    /// The ports have just been started. Once.
    void start();
    /// Looks no more. What it holds down stays down. Again is harmless.
    void stop();

    /// Of each port: `link_up LABEL` 1 or 0, `link_mbps LABEL`, `link_losses LABEL`.
    void report(std::vector<NamedCounter>& counters) const;
    /// Of each pair with a port that lost its link by itself: nothing crosses it.
    void add_faults(std::vector<std::string>& warnings) const;

private:
    struct State {
        std::string label;
        std::atomic<bool> up{false};
        std::atomic<unsigned> mbps{0};
        std::atomic<std::uint64_t> losses{0}; // by itself, not because we took it
        std::atomic<bool> lost{false};        // its link, by itself
        bool seen = false;
    };

    void run();
    void look_at(std::size_t pair);
    void record(std::size_t port, bool up, bool held);
    void obey(std::size_t pair, LinkOrder order);
    [[nodiscard]] std::array<bool, 2> holdable(std::size_t pair) const;

    std::span<const Port> ports_;
    bool carry_;
    Notify notify_;
    std::deque<State> states_;
    std::vector<LinkCarry> pairs_;
    std::mutex mutex_;
    std::condition_variable ended_;
    bool ending_ = false;
    std::thread thread_;
};

} // namespace sweepgate::gate
