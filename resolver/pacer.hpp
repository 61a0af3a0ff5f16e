// SPDX-License-Identifier: Apache-2.0
// How fast one upstream may be asked. Nobody tells us: a resolver that has enough of us drops
// what is too much, and whoever sends faster loses names to its own haste.
//
// A token bucket whose rate falls by half when too many queries get lost, returns to the middle
// between what went well and what did not (as BIC TCP does), and near that grows by 5 % a second.
// It starts at its ceiling, so a server that can take everything is never slowed down. A sample
// is what was sent within 100 ms or so. Lost is a query whose repetition was answered: of a dead
// name no repetition is, and a dead server is the breaker's matter (upstream.hpp). If three cuts
// in a row take no loss away, it is the line that loses and not the rate: the old rate comes back
// and that much loss is put up with.
#pragma once

#include <chrono>

namespace sweepgate::dns {

using Clock = std::chrono::steady_clock;

/// Tokens come at `per_second` and at most 20 ms' worth (but one) is kept. 0: never empty.
class TokenBucket {
public:
    explicit TokenBucket(double per_second);
    [[nodiscard]] bool take(Clock::time_point now);
    void set_rate(double per_second);
    [[nodiscard]] double rate() const { return per_second_; }

private:
    double per_second_;
    double most_;
    double tokens_;
    Clock::time_point filled_;
};

class Pacer {
public:
    struct Bounds {
        unsigned least = 100; // queries per second
        unsigned most = 0;    // 0: no ceiling
    };

    explicit Pacer(Bounds bounds);

    /// May one more query of any kind go out now? Counts it if so.
    [[nodiscard]] bool take(Clock::time_point now);
    /// An answer came, to whatever.
    void heard(Clock::time_point now);
    /// Queries per second; 0: as many as there are.
    [[nodiscard]] double rate() const { return bucket_.rate(); }

    /// Of first tries alone: what happened to the one that was sent at `sent`.
    void sent(Clock::time_point sent);
    void answered(Clock::time_point sent);
    /// Only a repetition was answered.
    void lost(Clock::time_point sent);
    /// What was sent before may have been lost to our own haste.
    [[nodiscard]] bool was_cut_since(Clock::time_point sent) const { return cut_at_ > sent; }
    /// To be called about every 10 ms. `timeout`: after which a first try is lost.
    void turn(Clock::time_point now, std::chrono::milliseconds timeout);

private:
    struct Sample {
        Clock::time_point begin;
        Clock::time_point end;  // when it was complete; before that, the future
        Clock::time_point last; // asked; behind it the window was full
        double sent = 0;        // first tries, and what became of them
        double answered = 0;
        double lost = 0;
        double asked = 0; // and all there was between begin and end
        double heard = 0;

        [[nodiscard]] double per_second(double count) const;
        /// Dead names included. When repetitions are answered, what will be answered has been.
        [[nodiscard]] double loss() const { return sent > 0 ? 1 - answered / sent : 0; }
    };

    void grow(Clock::time_point now);
    void judge(Clock::time_point now);
    void cut(Clock::time_point now);
    void raise();
    void restore();
    void set_rate(double rate);
    [[nodiscard]] bool loses_too_much() const;

    Bounds bounds_;
    TokenBucket bucket_;
    Sample sample_;
    double tolerated_;            // share of first tries that may be lost
    unsigned cuts_ = 0;           // in a row
    double rate_before_cuts_ = 0; // and the loss that brought the first of them
    double loss_before_cuts_ = 0;
    double bad_rate_ = 0; // at the last cut
    Clock::time_point grown_;
    Clock::time_point cut_at_;
};

} // namespace sweepgate::dns
