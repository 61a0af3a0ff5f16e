// SPDX-License-Identifier: Apache-2.0
#include "resolver/engine.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace sweepgate::dns {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostWaiting = 16384; // flights outside the window
constexpr std::size_t kMostAtOnce = 512;    // sent before answers are looked at again
constexpr std::size_t kMostGivenUp = 1024;  // before stop_requested is asked again
constexpr unsigned kMostOverTcp = 256;      // on one connection; 1.18.1 loses all past 1,024
constexpr auto kTick = milliseconds(10);

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

Status Engine::sweep(std::span<const Question> questions, const OnAnswer& on_answer,
                     const StopRequested& stop_requested) {
    const AtEnd at_end([this] { end(); });
    if (auto begun = begin(questions, on_answer); !begun) return begun;
    return run(stop_requested);
}

Status Engine::begin(std::span<const Question> questions, const OnAnswer& on_answer) {
    tally_ = {};
    for (const auto& question : questions)
        if (question.server && *question.server >= routes_.size())
            return fail(Errc::bad_input, "sweep: question '" + question.name + "' is for server " +
                                             std::to_string(*question.server) + " of " +
                                             std::to_string(routes_.size()));
    questions_ = questions;
    on_answer_ = &on_answer;
    lines_ = lineups(questions);
    answered_ = in_window_ = 0;
    now_ = Clock::now();
    window_.begin(now_);
    for (auto& route : routes_) route.upstream->begin(now_);
    return {};
}

void Engine::end() {
    transport_->close_all();
    for (auto& route : routes_) {
        if (route.upstream->is_dead()) tally_.silent.push_back(route.upstream->name());
        route.tcp_queue.clear();
        route.held_up.clear();
    }
    retries_ = {};
    flights_.clear();
    lines_.clear();
    questions_ = {};
    on_answer_ = nullptr;
    thrown_ = nullptr;
}

Status Engine::run(const StopRequested& stop_requested) {
    const auto opened_before = transport_->opened();
    auto asked_to_stop_at = now_;
    for (;;) {
        now_ = Clock::now();
        send_what_is_due();
        tally_.channels = transport_->opened() - opened_before;
        if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
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
    turn_pacers();
    resend();
    send_over_tcp();
    admit();
    probe_the_dead();
}

void Engine::resend() {
    while (!retries_.empty() && retries_.top().due <= now_) {
        auto& flight = *retries_.top().flight;
        retries_.pop();
        if (is_hopeless(flight.stays_with()))
            finish(flight, flight.worst_case());
        else if (std::exchange(flight.asks_here_again, false))
            routes_[flight.route].held_up.push_back(&flight);
        else
            routes_[route_after(flight)].held_up.push_back(&flight);
    }
    for (auto& route : routes_) resend(route);
}

void Engine::resend(Route& route) {
    while (!route.held_up.empty() && route.upstream->pacer().take(now_)) {
        auto& flight = *route.held_up.front();
        route.held_up.pop_front();
        send(flight, static_cast<std::size_t>(&route - routes_.data()));
    }
}

// One question of each line in turn, as long as any line gets rid of one.
void Engine::admit() {
    std::erase_if(lines_, [](const Lineup& line) { return line.empty(); });
    std::size_t admitted = 0;
    for (std::size_t before = 1; admitted != before && admitted < kMostAtOnce;) {
        before = admitted;
        for (auto& line : lines_) admitted += std::size_t{admit_one(line)};
    }
    more_to_admit_ = admitted >= kMostAtOnce;
}

bool Engine::admit_one(Lineup& line) {
    if (line.empty() || flights_.flying() - in_window_ >= kMostWaiting) return false;
    if (in_window_ >= window_.size()) {
        window_.was_full();
        return false;
    }
    const auto route = route_for_new(line.server());
    if (!route) {
        give_up(line);
        return false;
    }
    auto& flight = flights_.take();
    flight.question = line.front();
    flight.stays = line.server().has_value();
    flight.in_window = true;
    line.pop();
    ++in_window_;
    auto& upstream = *routes_[*route].upstream;
    upstream.pacer().sent(now_);
    flight.first_route = *route;
    flight.first_sent = now_;
    send(flight, *route);
    return true;
}

// Nobody is left to be asked, and was not for as long as all timeouts together.
void Engine::give_up(Lineup& line) {
    if (!is_hopeless(line.server())) return;
    Answer nobody_asked;
    for (std::size_t given_up = 0; given_up < kMostGivenUp && !line.empty(); ++given_up) {
        nobody_asked.question = questions_[line.front()];
        nobody_asked.number = line.front();
        line.pop();
        deliver(nobody_asked);
    }
}

void Engine::send_over_tcp() {
    for (auto& route : routes_)
        while (!route.tcp_queue.empty() && transport_->in_flight(route.tcp_lane) < kMostOverTcp &&
               route.upstream->pacer().take(now_)) {
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
        if (!routes_[i].upstream->wants_probe(now_)) continue;
        auto& probe = flights_.take();
        probe.is_probe = true;
        probe.attempt = options_.timeouts.size() - 1;
        send(probe, i);
    }
}

void Engine::send(Flight& flight, std::size_t number) {
    static const Question kRoot{"", RrType::soa};
    auto& route = routes_[number];
    const auto& question = flight.is_probe ? kRoot : questions_[flight.question];
    const auto& upstream = *route.upstream;
    flight.route = number;
    const bool mixes_case =
        options_.randomise_case && upstream.repeats_case(now_) && !flight.plain_case;
    const QueryPacket::Shape shape{mixes_case, may_carry_edns(flight), route.subnet};
    flight.packet.write(question, shape, entropy_);
    flight.sent = now_;
    if (flight.packet.empty()) { // not a canonical name: nobody can be asked for it
        flight.worst_case().outcome = Outcome::malformed;
        return finish(flight, flight.worst_case());
    }
    ++flight.tries;
    ++tally_.sent;
    if (flight.over_tcp) ++tally_.tcp;
    const auto tier = std::max(tier_of(flight), first_tier(upstream));
    const auto lane = flight.over_tcp ? route.tcp_lane : route.lanes[tier];
    transport_->send(lane, flight.packet.octets(), flight);
}

// How long the loop may sleep: a shut port answers while we still send, and tokens come often.
milliseconds Engine::patience() const {
    if (more_to_admit_) return milliseconds(0);
    const auto is_given_up = [this](const Lineup& line) { return is_hopeless(line.server()); };
    if (std::ranges::any_of(lines_, is_given_up)) return milliseconds(0);
    if (!retries_.empty() && retries_.top().due <= now_) return milliseconds(0);
    const auto is_paced = [](const Route& route) { return route.upstream->pacer().rate() > 0; };
    const bool waiting = !lines_.empty() || std::ranges::any_of(routes_, [](const Route& route) {
        return !route.held_up.empty() || !route.tcp_queue.empty();
    });
    return waiting && std::ranges::any_of(routes_, is_paced) ? milliseconds(1) : kTick;
}

} // namespace sweepgate::dns
