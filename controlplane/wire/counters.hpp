// SPDX-License-Identifier: Apache-2.0
// Internal to this station: named counters, written by one thread and read by any.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace sweepgate::wire {

class Counters {
public:
    void count(const std::string& name) {
        const std::lock_guard lock(mutex_);
        ++values_[name];
    }
    [[nodiscard]] std::map<std::string, std::uint64_t> values() const {
        const std::lock_guard lock(mutex_);
        return values_;
    }

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::uint64_t> values_;
};

} // namespace sweepgate::wire
