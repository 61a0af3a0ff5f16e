// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/sweep_thread.hpp"

#include <spdlog/spdlog.h>

#include "controlplane/model/text.hpp"

namespace sweepgate::controller {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kStuckAfter{20};
constexpr std::chrono::seconds kTurn{1};

std::int64_t steady_seconds() {
    return std::chrono::duration_cast<std::chrono::seconds>(Clock::now().time_since_epoch())
        .count();
}

SweepOptions sweep_options(const ResolverConfig& config) {
    SweepOptions options;
    options.servers = config.servers;
    options.window = config.window;
    options.timeouts = config.timeouts;
    options.queries_per_second = config.queries_per_second;
    return options;
}

} // namespace

Result<std::unique_ptr<SweepThread>> SweepThread::create(Controller& controller) {
    auto sweeper = Sweeper::create(sweep_options(controller.config().resolver));
    if (!sweeper) return tl::unexpected(sweeper.error());
    return std::unique_ptr<SweepThread>(new SweepThread(controller, std::move(*sweeper)));
}

SweepThread::SweepThread(Controller& controller, std::unique_ptr<Sweeper> sweeper)
    : controller_(controller), sweeper_(std::move(sweeper)) {}

SweepThread::~SweepThread() { stop(); }

void SweepThread::run() {
    turn();
    thread_ = std::thread([this] { loop(); });
}

void SweepThread::start_round() {
    const std::lock_guard guard(lock_);
    wanted_ = true;
    wake_.notify_all();
}

void SweepThread::stop() {
    {
        const std::lock_guard guard(lock_);
        stopping_ = true;
        wake_.notify_all();
    }
    abandon_ = true;
    if (thread_.joinable()) thread_.join();
}

void SweepThread::turn() { last_turn_s_ = steady_seconds(); }

bool SweepThread::is_alive() const { return steady_seconds() - last_turn_s_ < kStuckAfter.count(); }

void SweepThread::round() {
    const auto start = Clock::now();
    const auto found =
        sweep_round(*sweeper_, controller_.names(), controller_.services(), now(), [this] {
            turn();
            return abandon_.load();
        });
    if (!found) {
        if (abandon_) return;
        spdlog::error("round: {}", printable(found.error().what));
        controller_.record_failure(found.error());
        return;
    }
    const std::chrono::duration<double> seconds = Clock::now() - start;
    if (auto ok = controller_.record(*found, seconds.count()); !ok)
        spdlog::error("round: {}; what was published stays", printable(ok.error().what));
}

void SweepThread::loop() {
    const auto interval = controller_.config().resolver.interval;
    auto due = Clock::now();
    for (;;) {
        try {
            round();
        } catch (const std::exception& error) { // no memory, say: the next round may have it
            spdlog::error("round: {}", printable(error.what()));
        }
        due = std::max(due + interval, Clock::now());
        std::unique_lock guard(lock_);
        while (!stopping_ && !wanted_ && Clock::now() < due) {
            turn();
            wake_.wait_until(guard, std::min(due, Clock::now() + kTurn));
        }
        if (stopping_) return;
        // A call moves the rhythm: the next round comes a whole interval behind this one.
        if (wanted_) due = Clock::now();
        wanted_ = false;
    }
}

} // namespace sweepgate::controller
