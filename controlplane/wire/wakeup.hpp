// SPDX-License-Identifier: Apache-2.0
// Internal to this station: work for a socket thread from other threads. ZeroMQ sockets belong to
// one thread, so whoever wants something done posts it and the eventfd wakes the poll.
#pragma once

#include <sys/eventfd.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "controlplane/wire/descriptor.hpp"

namespace sweepgate::wire {

class Wakeup {
public:
    Wakeup() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

    void post(std::function<void()> work) {
        {
            const std::lock_guard lock(mutex_);
            posted_.push_back(std::move(work));
        }
        const std::uint64_t one = 1;
        // Fails only when the counter is full, and then the poll wakes anyway.
        [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
    }

    /// On the socket thread.
    void run_posted() {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto got = ::read(event_.get(), &count, sizeof count);
        std::vector<std::function<void()>> work;
        {
            const std::lock_guard lock(mutex_);
            work.swap(posted_);
        }
        for (const auto& each : work) each();
    }

    [[nodiscard]] int fd() const { return event_.get(); }

private:
    Descriptor event_;
    std::mutex mutex_;
    std::vector<std::function<void()>> posted_;
};

} // namespace sweepgate::wire
