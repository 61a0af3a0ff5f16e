// SPDX-License-Identifier: Apache-2.0
// How many questions are on their first try at a time. By Little's law a window of 512 asks a
// server 30 ms away 17,000 times a second, whatever it could take; one next door needs no more.
//
// Found as a TCP sender of the BBR kind finds its own at the start: doubled for as long as that
// brings a fifth more answers a second, and taken back where it does not. Whoever is paced
// (pacer.hpp) is bound by that and not by the window. 2,048 at most: beyond it answers to a burst
// overflow the buffers of the sockets.
#pragma once

#include <chrono>
#include <cstddef>

#include "resolver/pacer.hpp"

namespace sweepgate::dns {

class Window {
public:
    static constexpr std::size_t kFirst = 512;
    static constexpr std::size_t kMost = 2048;

    ///   fixed   0: found
    explicit Window(std::size_t fixed) : fixed_(fixed), size_(fixed == 0 ? kFirst : fixed) {}

    [[nodiscard]] std::size_t size() const { return size_; }
    /// Of a sweep. What was found before is kept.
    void begin(Clock::time_point now);
    /// A question had to wait for it.
    void was_full() { full_ = true; }
    void answered() { ++answers_; }
    /// To be called about every 10 ms.
    ///   rtt      smoothed, of the slowest server that answers
    ///   paced    some server is asked as fast as it may be
    void turn(Clock::time_point now, std::chrono::microseconds rtt, bool paced);

private:
    void measure_from(Clock::time_point begin);
    void judge(Clock::time_point now, std::chrono::microseconds rtt);

    std::size_t fixed_;
    std::size_t size_;
    std::size_t before_ = 0;  // the size that brought `best_`; 0: none was measured
    double best_ = 0;         // answers a second
    std::size_t answers_ = 0; // since measured_from_
    bool full_ = false;       // since measured_from_
    Clock::time_point measured_from_;
};

} // namespace sweepgate::dns
