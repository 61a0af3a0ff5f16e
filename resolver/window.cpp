// SPDX-License-Identifier: Apache-2.0
#include "resolver/window.hpp"

#include <algorithm>

namespace sweepgate::dns {

namespace {

constexpr auto kShortestLook = std::chrono::milliseconds(50);
constexpr int kRoundTripsOfALook = 2;
constexpr double kWorthIt = 1.2; // times as many answers a second
constexpr auto kSettled = std::chrono::seconds(2);

double seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

} // namespace

void Window::begin(Clock::time_point now) {
    before_ = 0;
    best_ = 0;
    measure_from(now);
}

void Window::measure_from(Clock::time_point begin) {
    measured_from_ = begin;
    answers_ = 0;
    full_ = false;
}

void Window::turn(Clock::time_point now, std::chrono::microseconds rtt, bool paced) {
    if (fixed_ != 0) return;
    if (paced) {
        size_ = kFirst;
        before_ = 0;
        best_ = 0;
        return measure_from(now);
    }
    // What comes now was asked for with the size before, or is not looked at.
    if (now < measured_from_) {
        answers_ = 0;
        full_ = false;
        return;
    }
    const auto look = std::max<Clock::duration>(kShortestLook, kRoundTripsOfALook * rtt);
    if (now - measured_from_ < look) return;
    if (!full_ || answers_ == 0) return measure_from(now);
    judge(now, rtt);
}

void Window::judge(Clock::time_point now, std::chrono::microseconds rtt) {
    const auto rate = static_cast<double>(answers_) / seconds(now - measured_from_);
    const bool was_worth_it = before_ == 0 || rate >= kWorthIt * best_;
    if (was_worth_it && size_ < kMost) {
        before_ = size_;
        best_ = rate;
        size_ = std::min(2 * size_, kMost);
        return measure_from(now + rtt);
    }
    if (!was_worth_it) size_ = before_;
    before_ = 0;
    measure_from(now + kSettled);
}

} // namespace sweepgate::dns
