// SPDX-License-Identifier: Apache-2.0
#include "resolver/engine.hpp"

#include <algorithm>
#include <string>

namespace sweepgate::dns {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostWaiting = 16384; // flights outside the window
constexpr unsigned kMostOverTcp = 256;      // on one connection; 1.18.1 loses all past 1,024
constexpr unsigned kChannelsOfFirstTry = 4;
constexpr auto kTick = milliseconds(10);
constexpr auto kTokenWait = milliseconds(2);

// What is under way ends with the sweep, also when the caller's on_answer throws.
template <typename End>
struct AtEnd {
    End end;
    explicit AtEnd(End what) : end(what) {}
    AtEnd(const AtEnd&) = delete;
    AtEnd& operator=(const AtEnd&) = delete;
    ~AtEnd() { end(); }
};

} // namespace

Result<std::unique_ptr<Engine>> Engine::create(const SweepOptions& options) {
    std::unique_ptr<Engine> engine(new Engine(options));
    auto transport = Transport::create(*engine);
    if (!transport) return tl::unexpected(transport.error());
    engine->transport_ = std::move(*transport);
    if (auto open = engine->open_routes(); !open) return tl::unexpected(open.error());
    return engine;
}

Status Engine::open_routes() {
    for (const auto timeout : options_.timeouts) all_timeouts_ += timeout;
    for (const auto& server : options_.servers) {
        const auto endpoint = parse_endpoint(server);
        if (!endpoint) return tl::unexpected(endpoint.error());
        Route route{Upstream(*endpoint, options_.queries_per_second), {}, 0, {}};
        unsigned channels = kChannelsOfFirstTry;
        for (const auto timeout : options_.timeouts) {
            route.lanes.push_back(transport_->add_lane(
                {*endpoint, timeout, false, channels, options_.queries_per_port}));
            channels = 1;
        }
        route.tcp_lane = transport_->add_lane(
            {*endpoint, options_.tcp_timeout, true, 1, options_.queries_per_port});
        routes_.push_back(std::move(route));
    }
    return {};
}

Status Engine::sweep(std::span<const Question> questions, const OnAnswer& on_answer,
                     const StopRequested& stop_requested) {
    const AtEnd at_end([this] { end(); });
    begin(questions);
    return run(on_answer, stop_requested);
}

void Engine::begin(std::span<const Question> questions) {
    tally_ = {};
    questions_ = questions;
    next_ = answered_ = in_window_ = 0;
    gave_up_ = false;
    now_ = Clock::now();
    for (auto& route : routes_) route.upstream.begin(now_);
}

void Engine::end() {
    transport_->close_all();
    for (auto& route : routes_) route.tcp_queue.clear();
    retries_ = {};
    finished_.clear();
    flights_.clear();
    questions_ = {};
}

Status Engine::run(const OnAnswer& on_answer, const StopRequested& stop_requested) {
    const auto opened_before = transport_->opened();
    auto asked_to_stop_at = now_;
    for (;;) {
        now_ = Clock::now();
        send_what_is_due();
        tally_.channels = transport_->opened() - opened_before;
        deliver(on_answer);
        if (answered_ == questions_.size()) return {};
        if (auto turned = transport_->turn(patience()); !turned) return turned;
        if (!stop_requested || now_ - asked_to_stop_at < kTick) continue;
        asked_to_stop_at = now_;
        if (stop_requested())
            return fail(Errc::unavailable, "sweep stopped: " + std::to_string(answered_) + " of " +
                                               std::to_string(questions_.size()) +
                                               " questions answered");
    }
}

// Retries go before new questions: they are older, and with a rate limit both need its tokens.
void Engine::send_what_is_due() {
    if (all_silent()) give_up_unsent();
    resend();
    send_over_tcp();
    admit();
    probe_the_dead();
}

void Engine::resend() {
    while (!retries_.empty() && (retries_.top().due <= now_ || gave_up_)) {
        auto& flight = *retries_.top().flight;
        const auto route = route_after(flight.upstream);
        const bool may_send = gave_up_ || routes_[route].upstream.bucket().take(now_);
        retries_.pop();
        if (gave_up_) {
            finish(flight, std::move(flight.worst_case));
        } else if (may_send) {
            send(flight, route);
        } else {
            retries_.push({now_ + kTokenWait, &flight});
        }
    }
}

void Engine::admit() {
    while (in_window_ < options_.window && next_ < questions_.size() &&
           flights_.flying() - in_window_ < kMostWaiting) {
        const auto route = route_for_new();
        if (!route) return;
        auto& flight = flights_.take();
        flight.question = next_++;
        flight.in_window = true;
        ++in_window_;
        send(flight, *route);
    }
}

void Engine::send_over_tcp() {
    for (auto& route : routes_)
        while (!route.tcp_queue.empty() && transport_->in_flight(route.tcp_lane) < kMostOverTcp &&
               route.upstream.bucket().take(now_)) {
            auto& flight = *route.tcp_queue.front();
            route.tcp_queue.pop_front();
            flight.over_tcp = true;
            send(flight, static_cast<std::size_t>(&route - routes_.data()));
        }
}

// The root's SOA: every recursor has it at hand, every other server at least refuses it, and no
// dead name in the sweep can be mistaken for a dead server.
void Engine::probe_the_dead() {
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        if (!routes_[i].upstream.wants_probe(now_)) continue;
        auto& probe = flights_.take();
        probe.is_probe = true;
        probe.attempt = options_.timeouts.size() - 1;
        send(probe, i);
    }
}

void Engine::give_up_unsent() {
    gave_up_ = true;
    for (; next_ < questions_.size(); ++next_) {
        finished_.emplace_back();
        finished_.back().question = questions_[next_];
    }
}

void Engine::send(Flight& flight, std::size_t number) {
    static const Question kRoot{"", RrType::soa};
    auto& route = routes_[number];
    const auto& question = flight.is_probe ? kRoot : questions_[flight.question];
    const QueryPacket::Shape shape{options_.randomise_case && route.upstream.repeats_case(now_),
                                   options_.edns && route.upstream.speaks_edns(now_)};
    flight.upstream = number;
    flight.packet = QueryPacket(question, shape, entropy_);
    flight.sent = now_;
    if (flight.packet.empty()) { // not a canonical name: nobody can be asked for it
        flight.worst_case.outcome = Outcome::malformed;
        return finish(flight, std::move(flight.worst_case));
    }
    ++flight.tries;
    ++tally_.sent;
    if (flight.over_tcp) ++tally_.tcp;
    const auto lane = flight.over_tcp ? route.tcp_lane : route.lanes[flight.attempt];
    transport_->send(lane, flight.packet.octets(), shape.edns, flight);
}

void Engine::deliver(const OnAnswer& on_answer) {
    std::vector<Answer> batch;
    batch.swap(finished_);
    answered_ += batch.size();
    for (const auto& answer : batch) on_answer(answer);
    batch.clear();
    if (finished_.empty()) finished_.swap(batch); // keeps its memory
}

std::optional<std::size_t> Engine::route_for_new() {
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        turn_ = (turn_ + 1) % routes_.size();
        auto& upstream = routes_[turn_].upstream;
        if (!upstream.is_dead() && upstream.bucket().take(now_)) return turn_;
    }
    return std::nullopt;
}

// The next one that lives; with none alive, the next one.
std::size_t Engine::route_after(std::size_t route) const {
    for (std::size_t step = 1; step <= routes_.size(); ++step) {
        const auto candidate = (route + step) % routes_.size();
        if (!routes_[candidate].upstream.is_dead()) return candidate;
    }
    return (route + 1) % routes_.size();
}

bool Engine::all_silent() const {
    return std::ranges::all_of(routes_, [this](const Route& route) {
        return route.upstream.is_dead() && route.upstream.silent_for(now_) >= all_timeouts_;
    });
}

// How long the loop may sleep: a shut port answers while we still send, and tokens come often.
milliseconds Engine::patience() const {
    if (!retries_.empty() && retries_.top().due <= now_) return milliseconds(0);
    const bool paced = options_.queries_per_second != 0;
    const bool waiting = next_ < questions_.size() || !retries_.empty();
    return paced && waiting ? milliseconds(1) : kTick;
}

} // namespace sweepgate::dns
