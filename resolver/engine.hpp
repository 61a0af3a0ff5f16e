// SPDX-License-Identifier: Apache-2.0
// The loop of a sweep. engine.cpp decides what is sent when, routes.cpp where; arrivals.cpp what
// an answer, or its absence, means. Arrivals run below c-ares, so they only move flights between
// the queues below or deliver their answers; sending and closing happen in the loop.
#pragma once

#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <span>
#include <vector>

#include "resolver/flight.hpp"
#include "resolver/lineup.hpp"
#include "resolver/reader.hpp"
#include "resolver/sweep.hpp"
#include "resolver/transport.hpp"
#include "resolver/upstream.hpp"
#include "resolver/vantage.hpp"
#include "resolver/window.hpp"

namespace sweepgate::dns {

class Engine final : private PacketSink {
public:
    [[nodiscard]] static Result<std::unique_ptr<Engine>> create(const SweepOptions& options);

    using OnAnswer = std::function<void(const Answer&)>;
    using StopRequested = std::function<bool()>;
    [[nodiscard]] Status sweep(std::span<const Question> questions, const OnAnswer& on_answer,
                               const StopRequested& stop_requested);
    [[nodiscard]] const SweepTally& tally() const { return tally_; }

private:
    struct Retry {
        Clock::time_point due;
        Flight* flight;
        friend bool operator>(const Retry& a, const Retry& b) { return a.due > b.due; }
    };
    struct Route {                          // everything about one of the configured servers
        std::shared_ptr<Upstream> upstream; // and lanes: shared by all vantage points of a server
        std::optional<ClientSubnet> subnet;
        std::vector<std::size_t> lanes; // one per timeout
        std::size_t tcp_lane = 0;
        std::deque<Flight*> tcp_queue;
        std::deque<Flight*> held_up; // retries that are due and wait for a token
    };

    explicit Engine(const SweepOptions& options) : options_(options), window_(options.window) {}
    // engine.cpp: the loop
    [[nodiscard]] Status begin(std::span<const Question> questions, const OnAnswer& on_answer);
    void end();
    [[nodiscard]] Status run(const StopRequested& stop_requested);
    void send_what_is_due();
    void resend();
    void resend(Route& route);
    void admit();
    [[nodiscard]] bool admit_one(Lineup& line);
    void send_over_tcp();
    void probe_the_dead();
    void give_up(Lineup& line);
    void send(Flight& flight, std::size_t route);
    [[nodiscard]] std::chrono::milliseconds patience() const;

    // routes.cpp
    [[nodiscard]] Status open_routes();
    [[nodiscard]] Route open_route(const Vantage& vantage);
    [[nodiscard]] std::optional<std::size_t> route_for_new(Lineup::Server server);
    [[nodiscard]] std::size_t route_after(const Flight& flight) const;
    [[nodiscard]] bool is_silent(const Route& route) const;
    [[nodiscard]] bool is_hopeless(Lineup::Server server) const;
    [[nodiscard]] std::size_t tier_of(const Flight& flight) const;
    [[nodiscard]] std::size_t first_tier(const Upstream& upstream) const;
    [[nodiscard]] bool may_carry_edns(const Flight& flight) const;
    void turn_pacers();

    // arrivals.cpp
    void arrived(Carried& carried, Delivery delivery,
                 std::span<const std::uint8_t> packet) noexcept override;
    void note_health(const Flight& flight, Delivery delivery);
    void on_packet(Flight& flight, std::span<const std::uint8_t> packet);
    void on_reading(Flight& flight, Reading& reading, std::span<const std::uint8_t> packet);
    void on_inconclusive(Flight& flight, const Reading& reading);
    void on_truncated(Flight& flight, const Reading& reading);
    void on_silence(Flight& flight, Delivery delivery);
    void on_tcp_silence(Flight& flight, Delivery delivery);
    void check_subnet(const Flight& flight, Reading& reading);
    void note_edns(const Flight& flight, const Reading& reading);
    [[nodiscard]] bool suspects_edns(const Flight& flight, const Reading& reading) const;
    [[nodiscard]] bool is_allowed_another(Flight& flight);
    void queue_for_tcp(Flight& flight);
    void ask_here_again(Flight& flight);
    void try_again(Flight& flight, Clock::time_point due);
    void finish(Flight& flight, Answer& answer);
    void deliver(const Answer& answer) noexcept;
    [[nodiscard]] Clock::duration jitter(Clock::duration longest);
    void describe(const Flight& flight, Answer& answer) const;
    void leave_window(Flight& flight);

    SweepOptions options_;
    std::chrono::milliseconds all_timeouts_{0};
    std::vector<Route> routes_;
    Entropy entropy_;
    SweepTally tally_;

    std::span<const Question> questions_;
    const OnAnswer* on_answer_ = nullptr;
    std::exception_ptr thrown_; // by on_answer
    std::vector<Lineup> lines_; // not yet sent
    std::size_t answered_ = 0;  // delivered
    std::size_t in_window_ = 0;
    Window window_;
    std::size_t turn_ = 0; // whose turn it is to get a new question
    Clock::time_point now_;
    Clock::time_point paced_at_;
    bool more_to_admit_ = false;
    std::priority_queue<Retry, std::vector<Retry>, std::greater<>> retries_;
    Reading reading_; // of the packet that has just arrived; its memory is used again and again
    FlightPool flights_;
    std::unique_ptr<Transport> transport_; // last: ends before what its channels point to
};

} // namespace sweepgate::dns
