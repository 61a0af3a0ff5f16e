// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/command.hpp"

#include <algorithm>
#include <iostream>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "controlplane/cli/interrupt.hpp"
#include "controlplane/cli/sweep/judge.hpp"
#include "controlplane/cli/sweep/progress.hpp"
#include "controlplane/cli/sweep/report.hpp"
#include "controlplane/cli/sweep/watch.hpp"
#include "resolver/sweep.hpp"

namespace sweepgate::cli {

namespace {

SweepOptions options_of(const SweepCommand& command, const SweepRequest& request) {
    SweepOptions options;
    options.servers = request.servers;
    options.window = command.window;
    options.queries_per_second = command.queries_per_second;
    if (!command.timeouts.empty()) options.timeouts = command.timeouts;
    return options;
}

int complain(std::ostream& err, const Error& error, int code) {
    err << "sweepgate sweep: " << error.what << '\n';
    return code;
}

/// One sweep over everything, from the questions to the exit code.
class Pass {
public:
    Pass(const SweepCommand& command, const SweepRequest& request, std::ostream& out,
         std::ostream& err, Terminals terminals)
        : request_(request), out_(out), err_(err), questions_(request.questions()),
          bar_(err, questions_.size(), terminals.err),
          printer_(out, command.format, command.sorted),
          report_(request.names, printer_, OutcomeCounts(command.strict), out,
                  [this] { bar_.hide(); }) {
        if (request.site) judge_.emplace(*request.site, request.servers);
    }

    int run(Sweeper& sweeper) {
        auto asked = questions_;
        if (judge_) std::ranges::move(judge_->questions(questions_), std::back_inserter(asked));
        const Interrupt interrupt;
        const auto swept = sweeper.sweep(
            asked, [this](const Answer& answer) { take(answer); },
            [this] { // every 10 ms
                report_.flush();
                return Interrupt::came() || !out_.good();
            });
        bar_.hide();
        report_.finish();
        if (!swept && !Interrupt::came() && out_.good())
            return complain(err_, swept.error(), kSweepSomeFailed);
        const int verdict = swept ? judgement() : kSweepAllAnswered;
        summarise(sweeper.tally(), swept.has_value());
        const int code = swept ? report_.counts().exit_code() : kSweepSomeFailed;
        return std::max(code, verdict);
    }

private:
    void take(const Answer& answer) {
        if (judge_) judge_->add(answer);
        report_.add(answer);
        bar_.update(report_.counts().total(), report_.counts().failed());
    }

    /// Tells what the guard would refuse.
    int judgement() {
        if (!judge_) return kSweepAllAnswered;
        const auto refused = judge_->refused();
        if (!refused) return complain(err_, refused.error(), kSweepSomeFailed);
        printer_.print(*refused);
        out_.flush();
        refused_ = refused->size();
        return refused->empty() ? kSweepAllAnswered : kSweepGuard;
    }

    /// Of one name its block says everything already.
    void summarise(const SweepTally& tally, bool complete) {
        const auto& counts = report_.counts();
        if (complete && request_.names.size() == 1 && !judge_) return;
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began_;
        err_ << fmt::format("{} names, {} questions: {}; {} packets, {} retries, {} over TCP; "
                            "{:.2f} s, {:.0f}/s\n",
                            request_.names.size(), questions_.size(), counts.text(), tally.sent,
                            tally.retries, tally.tcp, took.count(),
                            static_cast<double>(counts.total()) / took.count());
        if (!complete)
            err_ << fmt::format("stopped: {} questions without an answer\n",
                                questions_.size() - counts.total());
        else if (judge_)
            err_ << fmt::format("guard: {} addresses would be refused{}\n", refused_,
                                judge_->unanswered() == 0
                                    ? std::string{}
                                    : fmt::format("; {} questions for names that must never be "
                                                  "hit got no answer",
                                                  judge_->unanswered()));
    }

    const SweepRequest& request_;
    std::ostream& out_;
    std::ostream& err_;
    std::vector<Question> questions_;
    ProgressBar bar_;
    SweepPrinter printer_;
    SweepReport report_;
    std::optional<SweepJudge> judge_;
    std::size_t refused_ = 0;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

} // namespace

int run_sweep(const SweepCommand& command) {
    return run_sweep(command, std::cin, std::cout, std::cerr,
                     {isatty(STDOUT_FILENO) != 0, isatty(STDERR_FILENO) != 0});
}

int run_sweep(const SweepCommand& command, std::istream& in, std::ostream& out, std::ostream& err,
              Terminals terminals) {
    const auto request = read_request(command, in);
    if (!request) return complain(err, request.error(), kSweepUsage);
    if (request->servers.empty())
        return complain(err, {Errc::unavailable, "no server given and none in /etc/resolv.conf"},
                        kSweepNoServer);
    const auto sweeper = Sweeper::create(options_of(command, *request));
    if (!sweeper)
        return complain(err, sweeper.error(),
                        sweeper.error().code == Errc::bad_input ? kSweepUsage : kSweepNoServer);
    if (command.watch) return run_watch(command, *request, **sweeper, out, err, terminals.out);
    return Pass(command, *request, out, err, terminals).run(**sweeper);
}

} // namespace sweepgate::cli
