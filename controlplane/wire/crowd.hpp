// SPDX-License-Identifier: Apache-2.0
// Internal to this station: who is connected to the tcp:// endpoints, so that nobody takes all the
// descriptors. ZeroMQ accepts whoever comes and closes within HANDSHAKE_IVL whoever has no key, so
// what is older than that has one. No I/O: it is told, and says whom to shut.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sweepgate::wire {

struct CrowdLimits {
    std::size_t total = 3072;
    std::size_t per_address = 2048;     // gates behind one translated address included
    std::size_t young_per_address = 64; // at once in their first seconds
    std::size_t per_key = 256;
    std::chrono::milliseconds grown{3500};
    std::chrono::seconds silent{60}; // who has a key and has something to say says it before
};

class Crowd {
public:
    using Clock = std::chrono::steady_clock;
    explicit Crowd(CrowdLimits limits) : limits_(limits) {}

    /// Descriptor `fd` was accepted from `address`. Returns one to shut, which may be `fd`:
    /// of a full address the oldest without a key so far, which has had its time; of a full house
    /// likewise, of the address that has the most of them, or of all when none has several.
    [[nodiscard]] std::optional<int> accepted(int fd, const std::string& address,
                                              Clock::time_point now);
    void closed(int fd);
    /// The holder of `key` has spoken over `fd`. False when that key has too many already: shut it.
    [[nodiscard]] bool spoke(int fd, const std::string& key);
    /// Those that have been here long enough and have never spoken: to be shut. For endpoints at
    /// which everybody speaks.
    [[nodiscard]] std::vector<int> silent(Clock::time_point now);

    [[nodiscard]] std::size_t size() const { return held_.size(); }
    [[nodiscard]] const CrowdLimits& limits() const { return limits_; }

private:
    struct Held {
        std::string address;
        std::uint64_t serial = 0;
        bool young = true;
        std::string key; // empty: has not spoken
    };
    struct Young {
        int fd = -1;
        std::uint64_t serial = 0;
        Clock::time_point since;
    };
    struct Address {
        std::size_t held = 0;
        std::deque<Young> young; // oldest first; some are closed or grown already
        std::size_t young_held = 0;
    };

    void grow(Clock::time_point now);
    std::optional<int> oldest_young(std::deque<Young>& of);
    [[nodiscard]] bool is_young(const Young& young) const;
    /// One more or one less of its connections is without a key.
    void count_young(const std::string& name, Address& address, int change);
    void leave(std::map<int, Held>::iterator held);
    std::optional<int> from_the_largest();

    CrowdLimits limits_;
    std::map<int, Held> held_;
    std::map<std::string, Address> addresses_;
    std::deque<Young> young_;                                // of all, oldest first
    std::set<std::pair<std::size_t, std::string>> by_young_; // addresses that have any
    std::deque<Young> listening_;                            // grown, oldest first
    std::map<std::string, std::size_t> keys_;
    std::uint64_t serial_ = 0;
};

} // namespace sweepgate::wire
