// SPDX-License-Identifier: Apache-2.0
// Internal to this station: work for a socket thread from other threads. ZeroMQ sockets belong to
// one thread, so whoever wants something done posts it and the eventfd wakes the poll.
//
// The thread may be busy for seconds (a gate enforces on it) while peers go on talking, so what
// waits is bounded in number and bytes, and of one key only the newest waits: a report replaces
// the report of the same gate.
#pragma once

#include <sys/eventfd.h>

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "controlplane/wire/descriptor.hpp"

namespace sweepgate::wire {

inline constexpr std::size_t kMaxPosted = 16'384;
inline constexpr std::size_t kMaxPostedBytes = std::size_t{64} << 20U;

class Wakeup {
public:
    using Work = std::function<void()>;

    Wakeup() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

    /// False when too much waits already: the work is dropped. `bytes` is what it keeps alive.
    bool post(Work work, std::size_t bytes = 0) { return add({}, std::move(work), bytes); }
    /// Replaces the work of the same key that still waits, and takes its turn.
    bool post_newest(const std::string& key, Work work, std::size_t bytes = 0) {
        return add(key, std::move(work), bytes);
    }
    /// Own orders, of which there are a handful of keys: never refused.
    void order(const std::string& key, Work work) {
        {
            const std::lock_guard lock(mutex_);
            place(key, {std::move(work), 0});
        }
        wake();
    }

    /// On the socket thread.
    void run_posted() {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto got = ::read(event_.get(), &count, sizeof count);
        std::vector<Posted> work;
        {
            const std::lock_guard lock(mutex_);
            work.swap(posted_);
            newest_.clear();
            bytes_ = 0;
        }
        for (const auto& each : work) each.work();
    }

    [[nodiscard]] int fd() const { return event_.get(); }

private:
    struct Posted {
        Work work;
        std::size_t bytes = 0;
    };

    bool add(const std::string& key, Work work, std::size_t bytes) {
        {
            const std::lock_guard lock(mutex_);
            const auto found = newest_.find(key);
            const bool replaces = !key.empty() && found != newest_.end();
            const auto freed = replaces ? posted_[found->second].bytes : 0;
            if ((!replaces && posted_.size() >= kMaxPosted) ||
                bytes_ - freed + bytes > kMaxPostedBytes)
                return false;
            place(key, {std::move(work), bytes});
        }
        wake();
        return true;
    }

    void place(const std::string& key, Posted posted) {
        bytes_ += posted.bytes;
        const auto found = key.empty() ? newest_.end() : newest_.find(key);
        if (found != newest_.end()) {
            bytes_ -= posted_[found->second].bytes;
            posted_[found->second] = std::move(posted);
            return;
        }
        if (!key.empty()) newest_.emplace(key, posted_.size());
        posted_.push_back(std::move(posted));
    }

    void wake() const {
        const std::uint64_t one = 1;
        // Fails only when the counter is full, and then the poll wakes anyway.
        [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
    }

    Descriptor event_;
    std::mutex mutex_;
    std::vector<Posted> posted_;
    std::map<std::string, std::size_t> newest_; // key to its place in posted_
    std::size_t bytes_ = 0;
};

} // namespace sweepgate::wire
