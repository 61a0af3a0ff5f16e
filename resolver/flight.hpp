// SPDX-License-Identifier: Apache-2.0
// One question on its way: which try it is on, what was sent, and the best that came back.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "resolver/answer.hpp"
#include "resolver/channel.hpp"
#include "resolver/query.hpp"
#include "resolver/upstream.hpp"

namespace sweepgate::dns {

struct FlightState {
    static constexpr auto kNowhere = std::numeric_limits<std::size_t>::max();

    std::size_t question = 0; // its place among the sweep's questions
    std::size_t route = 0;    // asked last
    bool stays = false;       // on that route: the question is for this server alone
    std::size_t attempt = 0;  // which timeout it is on
    unsigned refusals = 0;    // packets that said nothing about the name
    int tcp_budget = 8;       // a connection that closes costs 1, a silent one 4
    unsigned tries = 0;       // packets sent
    std::size_t first_route = 0;
    Clock::time_point first_sent;
    bool in_window = false;
    bool over_tcp = false;
    bool case_suspect = false;       // an answer did not repeat our case: TCP decides
    bool plain_case = false;         // TCP could not: asked once more without 0x20
    std::size_t plain_at = kNowhere; // the route that is asked without EDNS: it did not like it
    bool asks_here_again = false;    // the next try is for the same route
    unsigned allowances = 0;         // tries more, because its own may have been too many at once
    bool was_lost = false;           // its first try stayed unanswered
    bool lost_edns = false;          // and carried OPT, which may be why
    bool is_probe = false;           // asks the root, only to hear whether the upstream lives
    Clock::time_point sent;

    [[nodiscard]] std::optional<std::uint8_t> stays_with() const {
        return stays ? std::optional(static_cast<std::uint8_t>(route)) : std::nullopt;
    }
};

class Flight : public Carried, public FlightState {
public:
    QueryPacket packet;

    /// Reported if nothing better comes: silence, until a packet said something. Few need one.
    [[nodiscard]] Answer& worst_case() {
        if (!worst_case_) worst_case_ = std::make_unique<Answer>();
        return *worst_case_;
    }
    [[nodiscard]] bool heard_nothing() const {
        return !worst_case_ || worst_case_->outcome == Outcome::timeout;
    }
    void begin() {
        static_cast<FlightState&>(*this) = {}; // the packet is written before it is read
        worst_case_.reset();
    }

private:
    std::unique_ptr<Answer> worst_case_;
};

/// Flights keep their place in memory while c-ares holds a pointer to them.
class FlightPool {
public:
    [[nodiscard]] Flight& take() {
        if (free_.empty()) return flights_.emplace_back();
        auto& flight = *free_.back();
        free_.pop_back();
        flight.begin();
        return flight;
    }
    void give_back(Flight& flight) { free_.push_back(&flight); }
    [[nodiscard]] std::size_t flying() const { return flights_.size() - free_.size(); }
    void clear() {
        free_.clear();
        flights_.clear();
    }

private:
    std::deque<Flight> flights_;
    std::vector<Flight*> free_;
};

} // namespace sweepgate::dns
