// SPDX-License-Identifier: Apache-2.0
#include "resolver/upstream.hpp"

#include <algorithm>

namespace sweepgate::dns {

Upstream::Upstream(const Endpoint& endpoint, Pacer::Bounds bounds)
    : endpoint_(endpoint), name_(to_string(endpoint)), pacer_(bounds) {}

void Upstream::begin(Clock::time_point now) {
    heard_at_ = now;
    probe_at_ = now;
    spell_began_ = now;
    answered_in_spell_ = failed_in_spell_ = 0;
}

void Upstream::heard(Clock::time_point now) {
    failures_ = 0;
    heard_at_ = now;
    probe_at_ = now; // should it fall silent again, it is probed at once
    ++answered_in_spell_;
}

void Upstream::took(std::chrono::microseconds rtt) {
    rtt_ = rtt_.count() == 0 ? rtt : rtt_ + (rtt - rtt_) / 8;
}

void Upstream::failed(Clock::time_point sent, Clock::time_point now) {
    if (sent >= heard_at_) failures_ = std::min(failures_ + 1, kDeadAfter);
    ++failed_in_spell_;
    if (now - spell_began_ >= kBadSpell) end_spell(now);
}

void Upstream::end_spell(Clock::time_point now) {
    if (failed_in_spell_ > answered_in_spell_ &&
        failed_in_spell_ + answered_in_spell_ >= kFewestInSpell)
        failures_ = kDeadAfter;
    spell_began_ = now;
    answered_in_spell_ = failed_in_spell_ = 0;
}

bool Upstream::wants_probe(Clock::time_point now) {
    if (!is_dead() || now < probe_at_) return false;
    probe_at_ = now + kProbeEvery;
    return true;
}

void Upstream::answered_plain_case(Clock::time_point now) {
    if (++plain_cases_ < kCannotAfter) return;
    plain_cases_ = 0;
    pin_no_case(now);
}

void Upstream::saw_edns(bool present, Clock::time_point now) {
    if (present) {
        proved_until_ = now + kPinned;
        edns_failures_ = without_edns_ = 0;
        plain_since_.reset();
    } else if (++without_edns_ >= kCannotAfter) {
        pin_no_edns(now);
    }
}

// What was sent before it was known to live says nothing: it may just have come back.
void Upstream::failed_edns(Clock::time_point sent, Clock::time_point now) {
    if (!plain_since_ || sent < *plain_since_ || proved_edns(now)) return;
    if (++edns_failures_ >= kCannotAfter) pin_no_edns(now);
}

void Upstream::answered_without_edns(Clock::time_point now) {
    if (!plain_since_) plain_since_ = now;
}

void Upstream::pin_no_edns(Clock::time_point now) {
    no_edns_until_ = now + kPinned;
    edns_failures_ = without_edns_ = 0;
    plain_since_.reset();
}

} // namespace sweepgate::dns
