// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/sweep_thread.hpp"

#include <algorithm>
#include <iterator>
#include <random>

#include <spdlog/spdlog.h>

#include "controlplane/model/text.hpp"

namespace sweepgate::controller {

namespace {

constexpr std::chrono::seconds kStuckAfter{20};
constexpr std::chrono::seconds kTurn{1};
constexpr std::chrono::milliseconds kGather{20}; // questions due within it go in one sweep
constexpr std::chrono::seconds kWriteEvery{5};
constexpr std::size_t kMostAsks = 8192;    // a sweep
constexpr std::size_t kMostHeard = 20'000; // observations, before they are written
constexpr std::size_t kMostAtOnce = 1000;  // of them, while something that changed may come

std::int64_t steady_seconds() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

} // namespace

SweepOptions sweep_options(const ResolverConfig& config) {
    SweepOptions options;
    options.servers = config.all_servers();
    options.window = config.window;
    options.timeouts = config.timeouts;
    options.queries_per_second = config.queries_per_second;
    return options;
}

namespace {

CadenceOptions cadence_options(const ResolverConfig& config) {
    CadenceOptions options;
    options.shortest = config.shortest;
    options.longest = config.longest;
    options.repeat = std::min(options.repeat, config.shortest);
    options.questions_per_second = config.budget;
    options.vantages.assign(1, {});
    for (std::size_t place = 0; place < config.servers.size(); ++place)
        options.vantages[0].push_back(static_cast<std::uint8_t>(place));
    for (std::size_t place = 0; place < config.vantages.size(); ++place)
        options.vantages.push_back({static_cast<std::uint8_t>(config.servers.size() + place)});
    options.seed = std::random_device{}();
    return options;
}

} // namespace

Result<std::unique_ptr<SweepThread>> SweepThread::create(Controller& controller) {
    const auto options = sweep_options(controller.config().resolver);
    auto healthy = Sweeper::create(options);
    if (!healthy) return tl::unexpected(healthy.error());
    auto failing = Sweeper::create(options);
    if (!failing) return tl::unexpected(failing.error());
    return std::unique_ptr<SweepThread>(
        new SweepThread(controller, std::move(*healthy), std::move(*failing)));
}

SweepThread::SweepThread(Controller& controller, std::unique_ptr<Sweeper> healthy,
                         std::unique_ptr<Sweeper> failing)
    : controller_(controller), cadence_(cadence_options(controller.config().resolver)) {
    lanes_[0].sweeper = std::move(healthy);
    lanes_[1].which = Cadence::Lane::failing;
    lanes_[1].sweeper = std::move(failing);
    vantage_names_.emplace_back(); // the site's own resolvers
    for (const auto& vantage : controller.config().resolver.vantages)
        vantage_names_.push_back(vantage.name);
}

SweepThread::~SweepThread() { stop(); }

void SweepThread::run(Before before) {
    const auto known = controller_.known_names();
    set_names([&](const std::string& name) { return known.contains(name); });
    writer_turn_s_ = steady_seconds();
    for (auto& lane : lanes_) {
        lane.last_turn_s = steady_seconds();
        lane.thread = std::thread([this, &lane] { ask_on(lane); });
    }
    writer_ = std::thread([this, before = std::move(before)] { write_on(before); });
}

void SweepThread::take_names() { set_names({}); }

void SweepThread::set_names(const std::function<bool(const std::string&)>& known) {
    Agenda agenda(controller_.names(), controller_.services(), controller_.config().resolver.https);
    const std::lock_guard guard(lock_);
    agenda.keep_targets(agenda_);
    agenda_ = std::move(agenda);
    const auto wanted = agenda_.wanted();
    nothing_to_ask_ = wanted.empty();
    cadence_.set_names(wanted, Clock::now(), known);
    wake_lanes_.notify_all();
}

void SweepThread::hurry() {
    const std::lock_guard guard(lock_);
    cadence_.hurry(Clock::now());
    wake_lanes_.notify_all();
}

void SweepThread::stop() {
    {
        const std::lock_guard guard(lock_);
        stopping_ = true;
        wake_lanes_.notify_all();
        wake_writer_.notify_all();
    }
    abandon_ = true;
    for (auto& lane : lanes_)
        if (lane.thread.joinable()) lane.thread.join();
    if (writer_.joinable()) writer_.join();
}

bool SweepThread::is_alive() const {
    const auto since = steady_seconds() - kStuckAfter.count();
    return lanes_[0].last_turn_s > since && lanes_[1].last_turn_s > since && writer_turn_s_ > since;
}

Cadence::Tally SweepThread::tally() const {
    const std::lock_guard guard(lock_);
    return cadence_.tally();
}

void SweepThread::ask_on(Lane& lane) {
    for (;;) {
        const auto asks = next_asks(lane);
        if (asks.empty()) return; // stopping
        try {
            sweep(lane, asks);
        } catch (const std::exception& error) { // no memory, say: later there may be some
            spdlog::error("sweep: {}", printable(error.what()));
        }
    }
}

std::vector<Ask> SweepThread::next_asks(Lane& lane) {
    std::unique_lock guard(lock_);
    while (!stopping_) {
        lane.last_turn_s = steady_seconds();
        const auto now = Clock::now();
        auto asks = cadence_.take(lane.which, kMostAsks, now);
        if (!asks.empty()) return asks;
        const auto due = cadence_.next_due(lane.which, now).value_or(now + kTurn);
        wake_lanes_.wait_until(guard, std::clamp(due, now + kGather, now + kTurn));
    }
    return {};
}

/// A name that has just fallen silent would keep the healthy ones of the next sweep waiting until
/// its last timeout. Behind its second one, and when nobody else is heard either, it is left.
bool SweepThread::is_held_up(const Lane& lane, Clock::time_point heard_at) {
    const auto& timeouts = controller_.config().resolver.timeouts;
    const auto patience = timeouts.front() + (timeouts.size() > 1 ? timeouts[1] : timeouts.front());
    const auto now = Clock::now();
    if (lane.which != Cadence::Lane::healthy || now - heard_at < patience) return false;
    const std::lock_guard guard(lock_);
    const auto due = cadence_.next_due(lane.which, now);
    return due && *due <= now;
}

void SweepThread::sweep(Lane& lane, const std::vector<Ask>& asks) {
    std::vector<Question> questions;
    std::map<Question, const Ask*> open;
    for (const auto& ask : asks) {
        questions.push_back(ask.question);
        open.emplace(ask.question, &ask);
    }
    bool held_up = false;
    auto heard_at = Clock::now();
    const auto give_back = [&] {
        const std::lock_guard guard(lock_);
        for (const auto& [question, ask] : open)
            held_up ? cadence_.delayed(*ask, Clock::now()) : cadence_.dropped(*ask, Clock::now());
        if (held_up) wake_lanes_.notify_all();
    };
    try {
        const auto swept = lane.sweeper->sweep(
            questions,
            [&](const Answer& answer) {
                const auto place = open.find(answer.question);
                if (place == open.end()) return;
                on_answer(*place->second, answer);
                open.erase(place);
                heard_at = Clock::now();
            },
            [&] {
                lane.last_turn_s = steady_seconds();
                held_up = is_held_up(lane, heard_at);
                return held_up || abandon_;
            });
        // The other lane asks what fails, which says little of a server.
        if (lane.which == Cadence::Lane::healthy)
            controller_.note_silent(lane.sweeper->tally().silent);
        if (!swept && !abandon_ && !held_up) {
            spdlog::error("sweep: {}", printable(swept.error().what));
            controller_.record_failure(swept.error());
        }
    } catch (...) {
        give_back();
        throw;
    }
    give_back();
}

void SweepThread::on_answer(const Ask& ask, const Answer& answer) {
    const std::lock_guard guard(lock_);
    const auto heard = cadence_.heard(ask, answer, identity_of(answer), Clock::now());
    agenda_.observe(answer, heard.fresh, vantage_names_[ask.vantage], now(), heard_);
    if (answer.question.type == RrType::srv && agenda_.set_targets(answer))
        cadence_.set_names(agenda_.wanted(), Clock::now());
    if (heard.changed) changed_.insert(answer.question.name);
    if (has_to_write(Clock::now())) wake_writer_.notify_one();
}

void SweepThread::write_on(const Before& before) {
    if (nothing_to_ask_) write({});
    if (before)
        before([this] {
            writer_turn_s_ = steady_seconds();
            return abandon_.load();
        });
    for (;;) {
        const auto round = next_round();
        // A policy that needs no name is published and renewed all the same.
        if (!round.empty() || nothing_to_ask_) write(round);
        const std::lock_guard guard(lock_);
        if (stopping_ && heard_.empty()) return;
    }
}

Round SweepThread::next_round() {
    std::unique_lock guard(lock_);
    while (!stopping_ && !has_to_write(Clock::now())) {
        writer_turn_s_ = steady_seconds();
        wake_writer_.wait_until(guard, std::min(write_at_, Clock::now() + kTurn));
    }
    if (!stopping_) wake_writer_.wait_for(guard, kGather, [&] { return stopping_; });
    writer_turn_s_ = steady_seconds();
    auto round = std::exchange(heard_, {});
    auto& heard = round.observations;
    // What changed goes first and alone, with what was heard of the same names before.
    auto end = std::stable_partition(heard.begin(), heard.end(), [&](const Observation& seen) {
        return changed_.contains(seen.name.hostname);
    });
    if (changed_.empty())
        end = heard.begin() + static_cast<std::ptrdiff_t>(std::min(heard.size(), kMostAtOnce));
    heard_.observations.assign(std::move_iterator(end), std::move_iterator(heard.end()));
    heard.erase(end, heard.end());
    if (heard_.observations.empty()) write_at_ = Clock::now() + kWriteEvery;
    changed_.clear();
    return round;
}

bool SweepThread::has_to_write(Clock::time_point now) const {
    return !changed_.empty() || now >= write_at_ || heard_.observations.size() >= kMostHeard;
}

void SweepThread::write(const Round& round) {
    try {
        const auto news = controller_.record(round);
        if (!news) {
            spdlog::error("round: {}; what was published stays", printable(news.error().what));
            return;
        }
        const std::lock_guard guard(lock_);
        if (round.heard_nobody()) cadence_.probe(Clock::now());
        for (const auto& each : *news)
            cadence_.learn(each.hostname, each.type == Family::ipv4 ? RrType::a : RrType::aaaa,
                           each.added > 0, each.completeness.expected_new(), Clock::now());
        wake_lanes_.notify_all();
    } catch (const std::exception& error) {
        spdlog::error("round: {}", printable(error.what()));
    }
}

} // namespace sweepgate::controller
