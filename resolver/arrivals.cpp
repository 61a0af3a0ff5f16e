// SPDX-License-Identifier: Apache-2.0
// What an answer means, and what its absence means. Everything here runs below a c-ares
// callback: flights change queues or end, nothing is sent or closed.
#include <algorithm>
#include <exception>

#include "resolver/engine.hpp"

namespace sweepgate::dns {

namespace {

constexpr std::uint16_t kFormErr = 1, kNotImp = 4, kBadVers = 16; // RFC 1035, RFC 6891
constexpr unsigned kMostAllowances = 3;
constexpr int kTcpBudget = 8;

// A packet that says something, if only "SERVFAIL", is worth more than silence, and one that says
// why more than one that does not.
void remember(Flight& flight, const Answer& answer) {
    if (flight.heard_nothing() || (answer.outcome != Outcome::malformed &&
                                   (answer.extended_error || !flight.worst_case().extended_error)))
        flight.worst_case() = answer;
}

// How a server says that it does not know EDNS, or not this version: RFC 6891 sections 6.1.3, 7.
bool rejects_edns(std::uint16_t rcode) {
    return rcode == kFormErr || rcode == kNotImp || rcode == kBadVers;
}

} // namespace

void Engine::arrived(Carried& carried, Delivery delivery,
                     std::span<const std::uint8_t> packet) noexcept {
    auto& flight = static_cast<Flight&>(carried);
    now_ = Clock::now();
    note_health(flight, delivery);
    if (flight.is_probe) return flights_.give_back(flight);
    const bool said_something = delivery == Delivery::packet || delivery == Delivery::nonsense;
    if (said_something) return on_packet(flight, packet);
    return flight.over_tcp ? on_tcp_silence(flight, delivery) : on_silence(flight, delivery);
}

void Engine::note_health(const Flight& flight, Delivery delivery) {
    auto& upstream = *routes_[flight.route].upstream;
    if (delivery == Delivery::timed_out || delivery == Delivery::unreachable) {
        if (!flight.over_tcp) upstream.failed(flight.sent, now_);
        return;
    }
    upstream.heard(now_);
    if (delivery == Delivery::nonsense) return;
    upstream.pacer().heard(now_);
    if (flight.is_probe || flight.over_tcp) return;
    upstream.took(std::chrono::duration_cast<std::chrono::microseconds>(now_ - flight.sent));
    if (flight.in_window) window_.answered();
    if (flight.tries == 1)
        upstream.pacer().answered(flight.first_sent);
    else if (flight.was_lost && flight.lost_edns == flight.packet.has_edns())
        routes_[flight.first_route].upstream->pacer().lost(flight.first_sent);
}

// Of Delivery::nonsense there is no packet: nothing of it can be an answer.
void Engine::on_packet(Flight& flight, std::span<const std::uint8_t> packet) {
    const auto& upstream = *routes_[flight.route].upstream;
    if (!packet.empty() && !flight.over_tcp && upstream.repeats_case(now_) &&
        !flight.packet.is_echoed_by(packet)) {
        ++tally_.case_mismatch;
        flight.case_suspect = true;
        return queue_for_tcp(flight);
    }
    read_message(packet, questions_[flight.question], reading_);
    check_subnet(flight, reading_);
    describe(flight, reading_.answer);
    note_edns(flight, reading_);
    on_reading(flight, reading_, packet);
}

void Engine::on_reading(Flight& flight, Reading& reading, std::span<const std::uint8_t> packet) {
    auto& answer = reading.answer;
    const bool nothing_read = answer.outcome == Outcome::malformed;
    if (nothing_read && reading.truncated && !flight.over_tcp) return on_truncated(flight, reading);
    auto& upstream = *routes_[flight.route].upstream;
    // Whoever forges a datagram cannot make the server lower-case its TCP answer as well.
    if (flight.over_tcp && flight.case_suspect && !nothing_read &&
        !flight.packet.is_echoed_by(packet))
        upstream.pin_no_case(now_);
    // Another server may tell what this one filters or cannot ask; this one will not.
    const bool told = answer.outcome == Outcome::filtered || answer.outcome == Outcome::stale;
    const bool is_last_word = told && (flight.stays || routes_.size() == 1);
    if (!is_conclusive(answer.outcome) && !is_last_word) return on_inconclusive(flight, reading);
    if (!flight.packet.has_edns()) upstream.answered_without_edns(now_);
    if (flight.plain_case && !flight.over_tcp) upstream.answered_plain_case(now_);
    finish(flight, answer);
}

// It said something, so this is not silence, even if TCP is.
void Engine::on_truncated(Flight& flight, const Reading& reading) {
    remember(flight, reading.answer);
    queue_for_tcp(flight);
}

// Where only one server may be asked, asking it without EDNS is the second try.
void Engine::on_inconclusive(Flight& flight, const Reading& reading) {
    remember(flight, reading.answer);
    const bool is_alone = flight.stays || routes_.size() == 1;
    const bool suspect = suspects_edns(flight, reading);
    if (!suspect || (is_alone && !rejects_edns(reading.rcode))) ++flight.refusals;
    if (suspect) {
        routes_[flight.route].upstream->failed_edns(flight.sent, now_);
        flight.plain_at = flight.route;
        return ask_here_again(flight);
    }
    const auto enough = flight.stays ? 2 : std::max<std::size_t>(2, routes_.size());
    if (flight.refusals >= enough) return finish(flight, flight.worst_case());
    try_again(flight, now_);
}

// RFC 6891 section 7, and what boxes do instead of it: REFUSED, SERVFAIL, a cut or foreign reply.
// Such an error is the name's own where an OPT comes back that came back with answers lately.
bool Engine::suspects_edns(const Flight& flight, const Reading& reading) const {
    if (!flight.packet.has_edns() || !reading.client_subnet.empty()) return false;
    switch (reading.answer.outcome) {
    case Outcome::servfail:
    case Outcome::refused:
    case Outcome::malformed:
    case Outcome::other_rcode:
        return rejects_edns(reading.rcode) || !reading.edns ||
               !routes_[flight.route].upstream->proved_edns(now_);
    default: return false;
    }
}

// With an empty queue of other upstreams, a port that is shut gets the time it would have had to
// answer: a server that restarts is back before the last try.
void Engine::on_silence(Flight& flight, Delivery delivery) {
    if (flight.tries == 1) {
        flight.was_lost = delivery == Delivery::timed_out;
        flight.lost_edns = flight.packet.has_edns();
    }
    if (flight.packet.has_edns() && delivery == Delivery::timed_out)
        routes_[flight.route].upstream->failed_edns(flight.sent, now_);
    const auto next = route_after(flight);
    const bool elsewhere = next != flight.route && !routes_[next].upstream->is_dead();
    const bool at_once = delivery == Delivery::timed_out || elsewhere;
    const auto timeout = options_.timeouts[flight.attempt];
    try_again(flight, now_ + (at_once ? jitter(timeout / 10) : timeout));
}

// A server that mixes up the case and has no TCP is asked as everybody else asks it.
void Engine::on_tcp_silence(Flight& flight, Delivery delivery) {
    flight.tcp_budget -= delivery == Delivery::timed_out ? kTcpBudget / 2 : 1;
    const bool hopeless = is_hopeless(flight.stays_with());
    if (flight.tcp_budget <= 0 && flight.case_suspect && !flight.plain_case && !hopeless) {
        flight.plain_case = true;
        flight.tcp_budget = kTcpBudget;
        return ask_here_again(flight);
    }
    if (flight.tcp_budget <= 0 || hopeless) {
        describe(flight, flight.worst_case());
        return finish(flight, flight.worst_case());
    }
    if (delivery == Delivery::timed_out) flight.plain_at = flight.route;
    flight.route = route_after(flight);
    routes_[flight.route].tcp_queue.push_front(&flight); // older than what waits
}

// Without the option the server answered for us, or for everybody; with another's, for nobody
// we know of.
void Engine::check_subnet(const Flight& flight, Reading& reading) {
    const auto& asked_for = flight.packet.subnet();
    if (!asked_for || reading.client_subnet.empty()) return;
    reading.answer.subnet_scope = asked_for->scope_of(reading.client_subnet);
    if (!reading.answer.subnet_scope) distrust(reading.answer);
}

// Several answers in a row without OPT to questions with one: a server without EDNS.
void Engine::note_edns(const Flight& flight, const Reading& reading) {
    if (!flight.packet.has_edns() || flight.over_tcp) return;
    if (!reading.edns) ++tally_.edns_lost;
    const bool proof = reading.truncated || !reading.client_subnet.empty();
    if (is_conclusive(reading.answer.outcome) || (proof && reading.edns))
        routes_[flight.route].upstream->saw_edns(reading.edns, now_);
}

// No name is lost to our own haste: it gets a few tries more if the upstream turned out,
// meanwhile, to have been asked too fast.
bool Engine::is_allowed_another(Flight& flight) {
    const auto& pacer = routes_[flight.route].upstream->pacer();
    return flight.heard_nothing() && pacer.was_cut_since(flight.first_sent) &&
           flight.allowances++ < kMostAllowances;
}

void Engine::queue_for_tcp(Flight& flight) {
    leave_window(flight);
    routes_[flight.route].tcp_queue.push_back(&flight);
}

void Engine::ask_here_again(Flight& flight) {
    leave_window(flight);
    flight.over_tcp = false;
    flight.asks_here_again = true;
    ++tally_.retries;
    retries_.push({now_, &flight});
}

void Engine::try_again(Flight& flight, Clock::time_point due) {
    leave_window(flight);
    flight.over_tcp = false;
    if (flight.heard_nothing()) describe(flight, flight.worst_case());
    const bool last_try = flight.attempt + 1 >= options_.timeouts.size();
    if (is_hopeless(flight.stays_with()) || (last_try && !is_allowed_another(flight)))
        return finish(flight, flight.worst_case());
    if (!last_try) ++flight.attempt;
    ++tally_.retries;
    retries_.push({due, &flight});
}

// What was lost together is not sent together again.
Clock::duration Engine::jitter(Clock::duration longest) {
    return longest * static_cast<int>(entropy_.bits() % 256) / 256;
}

void Engine::describe(const Flight& flight, Answer& answer) const {
    answer.resolver = routes_[flight.route].upstream->name();
    answer.server = static_cast<std::uint8_t>(flight.route);
    answer.rtt = std::chrono::duration_cast<std::chrono::microseconds>(now_ - flight.sent);
    answer.over_tcp = flight.over_tcp;
}

void Engine::finish(Flight& flight, Answer& answer) {
    leave_window(flight);
    answer.question = questions_[flight.question];
    answer.number = flight.question;
    answer.tries = flight.tries;
    deliver(answer);
    flights_.give_back(flight);
}

// At once, while it is in the cache: collected first, an answer costs twice as much. What the
// caller throws must not pass through c-ares; the loop throws it on.
void Engine::deliver(const Answer& answer) noexcept {
    ++answered_;
    if (thrown_) return;
    try {
        (*on_answer_)(answer);
    } catch (...) {
        thrown_ = std::current_exception();
    }
}

void Engine::leave_window(Flight& flight) {
    if (flight.in_window) --in_window_;
    flight.in_window = false;
}

} // namespace sweepgate::dns
