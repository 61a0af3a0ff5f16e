// SPDX-License-Identifier: Apache-2.0
// One DNS server as the sweep sees it: where it is, whether it is alive, what it cannot do, and
// how fast it may be asked.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "resolver/endpoint.hpp"
#include "resolver/pacer.hpp"

namespace sweepgate::dns {

class Upstream {
public:
    Upstream(const Endpoint& endpoint, Pacer::Bounds bounds);

    [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] Pacer& pacer() { return pacer_; }
    [[nodiscard]] const Pacer& pacer() const { return pacer_; }

    void heard(Clock::time_point now);
    void took(std::chrono::microseconds rtt);
    /// Smoothed (RFC 6298 section 2, without the variance); 0 before the first answer.
    [[nodiscard]] std::chrono::microseconds rtt() const { return rtt_; }
    /// Silence or a shut port, for a query sent at `sent`. What was sent before the last answer
    /// says nothing about its death.
    void failed(Clock::time_point sent, Clock::time_point now);
    /// Eight failures in a row, or more failures than answers for a second: pass it over, and
    /// probe it. The answer to the probe, or to any query still under way, revives it.
    [[nodiscard]] bool is_dead() const { return failures_ >= kDeadAfter; }
    /// Of a sweep: no answer since then.
    void begin(Clock::time_point now);
    [[nodiscard]] Clock::duration silent_for(Clock::time_point now) const {
        return now - heard_at_;
    }

    /// True when it has just died, and once a second after that while it stays dead.
    [[nodiscard]] bool wants_probe(Clock::time_point now);

    /// What a server, or a box in front of it, cannot do is believed for 10 min; then it is tried
    /// again.
    void pin_no_case(Clock::time_point now) { no_case_until_ = now + kPinned; }
    /// It repeated no case over UDP and could not be asked over TCP, but answers without 0x20.
    void answered_plain_case(Clock::time_point now);
    [[nodiscard]] bool repeats_case(Clock::time_point now) const { return now >= no_case_until_; }

    /// An answer to a question with OPT: had it one as well?
    void saw_edns(bool present, Clock::time_point now);
    /// Of questions that say or settle something: one with OPT, sent at `sent`, met silence, an
    /// error or nonsense; one without was answered. Several of the former while it answers the
    /// latter: without EDNS.
    void failed_edns(Clock::time_point sent, Clock::time_point now);
    void answered_without_edns(Clock::time_point now);
    [[nodiscard]] bool speaks_edns(Clock::time_point now) const { return now >= no_edns_until_; }
    /// A question with OPT had an answer with one within 10 min.
    [[nodiscard]] bool proved_edns(Clock::time_point now) const { return now < proved_until_; }

private:
    void end_spell(Clock::time_point now);
    void pin_no_edns(Clock::time_point now);

    static constexpr unsigned kDeadAfter = 8;
    static constexpr unsigned kCannotAfter = 4; // in a row
    static constexpr auto kPinned = std::chrono::minutes(10);
    static constexpr auto kProbeEvery = std::chrono::seconds(1);
    static constexpr auto kBadSpell = std::chrono::seconds(1);
    static constexpr unsigned kFewestInSpell = 20; // fewer say nothing

    Endpoint endpoint_;
    std::string name_;
    Pacer pacer_;
    std::chrono::microseconds rtt_{0};
    unsigned failures_ = 0;
    Clock::time_point spell_began_;
    unsigned answered_in_spell_ = 0;
    unsigned failed_in_spell_ = 0;
    unsigned without_edns_ = 0;
    unsigned edns_failures_ = 0; // since plain_since_
    unsigned plain_cases_ = 0;
    std::optional<Clock::time_point> plain_since_; // answers without OPT and none with
    Clock::time_point proved_until_;
    Clock::time_point heard_at_;
    Clock::time_point probe_at_;
    Clock::time_point no_case_until_;
    Clock::time_point no_edns_until_;
};

} // namespace sweepgate::dns
