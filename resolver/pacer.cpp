// SPDX-License-Identifier: Apache-2.0
#include "resolver/pacer.hpp"

#include <algorithm>
#include <cmath>

namespace sweepgate::dns {

namespace {

using std::chrono::milliseconds;

constexpr double kBurstSeconds = 0.02;
constexpr double kTolerated = 0.02;
constexpr double kMostTolerated = 0.9;
constexpr double kGrowthShare = 0.05; // of the rate that went wrong, a second
constexpr double kNear = 0.9;         // of it: from here on slowly
constexpr double kReturn = 1.5;       // at most, a sample
constexpr double kDeepestCut = 8;     // to an eighth: one sample is no census
constexpr unsigned kFruitlessCuts = 3;

// A sample takes 100 ms, or longer until it is large enough to say something.
constexpr auto kShortestSample = milliseconds(100);
constexpr auto kLongestSample = milliseconds(1000);
constexpr double kSmallestSample = 100;
constexpr double kShortestBurst = 0.01; // s
constexpr double kFewest = 5; // answers, and losses, before a sample can speak against the rate
constexpr auto kGrace = milliseconds(150); // for the repetition's answer

double seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

} // namespace

TokenBucket::TokenBucket(double per_second) : per_second_(0), most_(0), tokens_(0) {
    set_rate(per_second);
    tokens_ = most_;
}

void TokenBucket::set_rate(double per_second) {
    per_second_ = per_second;
    most_ = std::max(1.0, per_second * kBurstSeconds);
    tokens_ = std::min(tokens_, most_);
}

bool TokenBucket::take(Clock::time_point now) {
    if (per_second_ <= 0) return true;
    tokens_ = std::min(most_, tokens_ + seconds(now - filled_) * per_second_);
    filled_ = now;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
}

Pacer::Pacer(Bounds bounds) : bounds_(bounds), bucket_(bounds.most), tolerated_(kTolerated) {}

bool Pacer::take(Clock::time_point now) {
    const bool taken = bucket_.take(now);
    if (!taken || now >= sample_.end) return taken;
    ++sample_.asked;
    sample_.last = now;
    return true;
}

void Pacer::heard(Clock::time_point now) {
    if (now < sample_.end) ++sample_.heard;
}

void Pacer::sent(Clock::time_point sent) {
    if (sample_.sent == 0)
        sample_ = {.begin = sent, .end = Clock::time_point::max(), .last = sent, .asked = 1};
    if (sent < sample_.end) ++sample_.sent;
}

void Pacer::answered(Clock::time_point sent) {
    if (sent >= sample_.begin && sent < sample_.end) ++sample_.answered;
}

void Pacer::lost(Clock::time_point sent) {
    if (sent >= sample_.begin && sent < sample_.end) ++sample_.lost;
}

void Pacer::turn(Clock::time_point now, milliseconds timeout) {
    grow(now);
    if (sample_.sent == 0) return;
    if (sample_.end > now) {
        const auto age = now - sample_.begin;
        const bool large_enough = sample_.sent >= kSmallestSample || age >= kLongestSample;
        if (age >= kShortestSample && large_enough) sample_.end = now;
        return;
    }
    const bool decided = sample_.answered >= sample_.sent || loses_too_much();
    if (decided || now - sample_.end >= timeout + kGrace) judge(now);
}

// More than chance would have it (three standard deviations), and not just a handful. When most
// is lost, repetitions are as well: then a handful proves it.
bool Pacer::loses_too_much() const {
    const auto tolerated = tolerated_ * sample_.sent;
    return sample_.answered >= kFewest && sample_.lost >= kFewest &&
           (sample_.lost > tolerated + 3 * std::sqrt(tolerated) ||
            sample_.loss() > std::max(0.5, tolerated_));
}

double Pacer::Sample::per_second(double count) const {
    return count / std::max(seconds(last - begin), kShortestBurst);
}

void Pacer::judge(Clock::time_point now) {
    if (!loses_too_much()) {
        cuts_ = 0;
        tolerated_ = std::max(kTolerated, std::min(tolerated_, 2 * sample_.loss()));
        raise();
    } else if (cuts_ >= kFruitlessCuts && sample_.loss() > loss_before_cuts_ / 2) {
        restore();
    } else {
        cut(now);
    }
    sample_ = {};
}

// By half of what was really asked; when more than half was lost, to what was answered.
void Pacer::cut(Clock::time_point now) {
    cut_at_ = now;
    if (cuts_++ == 0) {
        rate_before_cuts_ = rate();
        loss_before_cuts_ = sample_.loss();
    }
    bad_rate_ = sample_.per_second(sample_.asked);
    const auto lower = std::min(bad_rate_ / 2, kNear * sample_.per_second(sample_.heard));
    set_rate(std::max(lower, bad_rate_ / kDeepestCut));
}

// A rate that was not made use of has not shown that it is good.
void Pacer::raise() {
    const bool used = sample_.per_second(sample_.asked) > rate() / 2;
    if (rate() > 0 && used && rate() < kNear * bad_rate_)
        set_rate(std::min(kReturn * rate(), (rate() + bad_rate_) / 2));
}

void Pacer::restore() {
    tolerated_ = std::min(kMostTolerated, 2 * sample_.loss());
    cuts_ = 0;
    bucket_.set_rate(rate_before_cuts_);
}

void Pacer::grow(Clock::time_point now) {
    const auto passed = seconds(now - grown_);
    grown_ = now;
    if (rate() > 0 && rate() >= kNear * bad_rate_)
        set_rate(rate() + kGrowthShare * bad_rate_ * passed);
}

void Pacer::set_rate(double rate) {
    rate = std::max<double>(rate, bounds_.least);
    bucket_.set_rate(bounds_.most > 0 ? std::min<double>(rate, bounds_.most) : rate);
}

} // namespace sweepgate::dns
