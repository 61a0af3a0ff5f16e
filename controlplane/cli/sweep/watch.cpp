// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/watch.hpp"

#include <algorithm>
#include <ostream>
#include <thread>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "controlplane/cli/interrupt.hpp"
#include "controlplane/cli/sweep/report.hpp"
#include "controlplane/cli/sweep/slow_lane.hpp"
#include "controlplane/cli/sweep/watch_text.hpp"

namespace sweepgate::cli {

namespace {

constexpr std::chrono::milliseconds kNap{50};
constexpr std::chrono::seconds kRedraw{1};

ScreenSize screen_size() {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return {};
    return {size.ws_row, size.ws_col};
}

/// The first two: what has not answered by then may be dead.
WatchClock::duration patience_of(const SweepCommand& command) {
    const auto timeouts = command.timeouts.empty() ? SweepOptions{}.timeouts : command.timeouts;
    return timeouts.front() + timeouts[timeouts.size() > 1 ? 1 : 0];
}

class Watch {
public:
    Watch(const SweepCommand& command, const SweepRequest& request, Sweeper& sweeper,
          std::unique_ptr<Sweeper> slow, std::ostream& out, bool terminal)
        : command_(command), patience_(patience_of(command)),
          names_(count_names(request.questions)), sweeper_(sweeper), out_(out), screen_(out),
          live_(terminal && command.format == SweepFormat::text),
          list_(request.questions, command.longest_wait, began_), slow_(std::move(slow)) {}

    Status run() {
        while (!stopped() && slow_lane_) {
            if (auto swept = sweep(); !swept) return swept;
            draw();
            wait();
        }
        return slow_lane_;
    }

    [[nodiscard]] int exit_code() const {
        const bool all_asked =
            std::ranges::all_of(list_.rows(), [](const Watched& row) { return row.asked; });
        const auto code = counts().exit_code();
        if (code == kSweepNoServer) return reached_ ? kSweepSomeFailed : kSweepNoServer;
        return all_asked ? code : kSweepSomeFailed;
    }

    [[nodiscard]] std::string summary() const {
        const auto seconds = std::chrono::duration<double>(WatchClock::now() - began_).count();
        return fmt::format("names: {}, questions: {}, asked {} times in {:.0f} s, changes: {}; at "
                           "last: {}\n",
                           names_, list_.rows().size(), asked_, seconds, changes_, counts().text());
    }

private:
    [[nodiscard]] bool stopped() const { return Interrupt::came() || !out_.good(); }

    Status sweep() {
        const auto due = list_.start(WatchLane::prompt, WatchClock::now());
        if (due.empty()) return {};
        bool held_up = false;
        auto heard_at = WatchClock::now();
        const auto swept = sweeper_.sweep(
            due,
            [&](const Answer& answer) {
                take(answer);
                heard_at = WatchClock::now();
            },
            [&] { // every 10 ms
                turn_slow_lane();
                const auto now = WatchClock::now();
                held_up = now - heard_at >= patience_ && list_.next_due(WatchLane::prompt) <= now;
                return held_up || stopped();
            });
        list_.hand_over();
        return swept || held_up || stopped() ? Status{} : swept;
    }

    /// Takes what the slow lane has heard and gives it what is due; true when it has heard
    /// something.
    bool turn_slow_lane() {
        const auto heard = slow_.heard();
        if (!heard) {
            slow_lane_ = tl::unexpected(heard.error());
            return true;
        }
        for (const auto& answer : *heard) take(answer);
        if (slow_.is_idle())
            if (auto due = list_.start(WatchLane::slow, WatchClock::now()); !due.empty())
                slow_.ask(std::move(due));
        return !heard->empty();
    }

    [[nodiscard]] OutcomeCounts counts() const {
        OutcomeCounts counts(command_.strict);
        for (const auto& row : list_.rows())
            if (row.asked) counts.add(row.outcome);
        return counts;
    }

    void take(const Answer& answer) {
        ++asked_;
        reached_ = reached_ || answer.outcome != Outcome::timeout;
        const auto time = WallClock::now();
        for (const auto& change : list_.take(answer, WatchClock::now())) {
            if (change.kind != WatchChange::Kind::first) ++changes_;
            if (live_)
                screen_.note(watch_line(change, time));
            else
                out_ << (command_.format == SweepFormat::json ? watch_json(change, time)
                                                              : watch_line(change, time))
                     << std::endl; // whoever reads the pipe wants it now
        }
    }

    void draw() {
        if (!live_) return;
        const auto now = WatchClock::now();
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - began_).count();
        screen_.draw(
            list_.rows(),
            fmt::format("names: {}, questions: {}, asked {} times, changes: {}; {}:{:02}:{:02};"
                        " Ctrl-C ends",
                        names_, list_.rows().size(), asked_, changes_, seconds / 3600,
                        seconds / 60 % 60, seconds % 60),
            now, screen_size());
    }

    void wait() {
        const auto until = std::min(list_.next_due(WatchLane::prompt), WatchClock::now() + kRedraw);
        while (!turn_slow_lane() && !stopped() && WatchClock::now() < until)
            std::this_thread::sleep_for(
                std::min<WatchClock::duration>(kNap, until - WatchClock::now()));
    }

    const SweepCommand& command_;
    WatchClock::duration patience_;
    std::size_t names_;
    Sweeper& sweeper_;
    std::ostream& out_;
    WatchScreen screen_;
    bool live_;
    WatchClock::time_point began_ = WatchClock::now();
    WatchList list_;
    std::size_t asked_ = 0;
    std::size_t changes_ = 0;
    bool reached_ = false; // some server answered something
    Status slow_lane_;     // an error of it ends the watch
    SlowLane slow_;        // last: its thread ends first
};

} // namespace

int run_watch(const SweepCommand& command, const SweepRequest& request, Sweeper& sweeper,
              std::unique_ptr<Sweeper> slow, std::ostream& out, std::ostream& err, bool terminal) {
    const Interrupt interrupt;
    Watch watch(command, request, sweeper, std::move(slow), out, terminal);
    const auto ran = watch.run();
    err << watch.summary();
    if (ran) return watch.exit_code();
    err << "sweepgate sweep: " << ran.error().what << '\n';
    return kSweepSomeFailed;
}

} // namespace sweepgate::cli
