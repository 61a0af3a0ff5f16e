// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/pass.hpp"

#include <algorithm>
#include <optional>
#include <ostream>
#include <set>

#include <fmt/format.h>

#include "controlplane/cli/interrupt.hpp"
#include "controlplane/cli/sweep/judge.hpp"
#include "controlplane/cli/sweep/progress.hpp"
#include "controlplane/cli/sweep/report.hpp"
#include "controlplane/model/name.hpp"

namespace sweepgate::cli {

namespace {

/// "1 name", "2 names".
std::string counted(std::size_t count, const std::string& noun, const char* plural = "s") {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : plural);
}

/// One sweep over everything, from the questions to the exit code.
class Pass {
public:
    Pass(const SweepCommand& command, const SweepRequest& request, Sweeper& sweeper,
         std::ostream& out, std::ostream& err, Terminals terminals)
        : command_(command), request_(request), sweeper_(sweeper), out_(out), err_(err),
          terminals_(terminals), counts_(command.strict),
          printer_(out, command.format, command.sorted) {
        if (request.site) judge_.emplace(*request.site, request.servers);
    }

    int run() {
        const Interrupt interrupt;
        auto swept = sweep(request_.questions, judge_ ? judge_->questions(request_.questions)
                                                      : std::vector<Question>{});
        if (swept && !targets_.empty()) swept = sweep(named_targets(), {});
        if (!swept && !stopped()) return complain(swept.error(), kSweepSomeFailed);
        const int verdict = swept ? judgement() : kSweepAllAnswered;
        summarise(swept.has_value());
        return std::max(swept ? counts_.exit_code() : kSweepSomeFailed, verdict);
    }

private:
    [[nodiscard]] bool stopped() const { return Interrupt::came() || !out_.good(); }

    int complain(const Error& error, int code) {
        err_ << "sweepgate sweep: " << error.what << '\n';
        return code;
    }

    ///   unseen  questions whose answers are for the guard only
    Status sweep(std::span<const Question> shown, std::vector<Question> unseen) {
        asked_names_ += count_names(shown);
        asked_ += shown.size();
        ProgressBar bar(err_, asked_, terminals_.err);
        SweepReport report(shown, printer_, counts_, out_, [&] { bar.hide(); });
        if (command_.sorted) report.keep_order();
        if (!unseen.empty()) unseen.insert(unseen.begin(), shown.begin(), shown.end());
        const auto swept = sweeper_.sweep(
            unseen.empty() ? shown : unseen,
            [&](const Answer& answer) {
                if (judge_) judge_->add(answer);
                follow(answer);
                report.add(answer);
                bar.update(report.counts().total(), report.counts().failed());
            },
            [&] { // every 10 ms
                report.flush();
                return stopped();
            });
        bar.hide();
        report.finish();
        counts_ = report.counts();
        add(sweeper_.tally());
        return swept;
    }

    /// Notes where a system's services are.
    void follow(const Answer& answer) {
        if (answer.question.type != RrType::srv) return;
        const auto service = request_.services.find(answer.question.name);
        if (service == request_.services.end()) return;
        for (const auto& target : answer.targets) {
            auto hostname = canonical_name(target.name);
            if (!hostname) continue; // no client could look it up either
            if (judge_) judge_->add_service(service->second, *hostname);
            targets_.insert(std::move(*hostname));
        }
    }

    std::span<const Question> named_targets() {
        std::vector<RrType> types;
        for (const auto type : {RrType::a, RrType::aaaa})
            if (command_.types.empty() ||
                std::ranges::find(command_.types, type) != command_.types.end())
                types.push_back(type);
        for (const auto& asked : request_.questions) targets_.erase(asked.name);
        for (const auto& target : targets_)
            for (const auto type : types) named_targets_.push_back({target, type});
        return named_targets_;
    }

    void add(const SweepTally& tally) {
        tally_.sent += tally.sent;
        tally_.retries += tally.retries;
        tally_.tcp += tally.tcp;
    }

    /// Tells what the guard would refuse.
    int judgement() {
        if (!judge_) return kSweepAllAnswered;
        const auto refused = judge_->refused();
        if (!refused) return complain(refused.error(), kSweepSomeFailed);
        printer_.print(*refused);
        out_.flush();
        refused_ = refused->size();
        return refused->empty() ? kSweepAllAnswered : kSweepGuard;
    }

    /// Of one name its block says everything already.
    void summarise(bool complete) {
        if (complete && asked_names_ == 1 && !judge_) return;
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began_;
        err_ << fmt::format("{}, {}: {}; {}, {} retries, {} over TCP; {:.2f} s, {:.0f}/s\n",
                            counted(asked_names_, "name"), counted(asked_, "question"),
                            counts_.text(), counted(tally_.sent, "packet"), tally_.retries,
                            tally_.tcp, took.count(),
                            static_cast<double>(counts_.total()) / took.count());
        if (!complete)
            err_ << "stopped: " << counted(asked_ - counts_.total(), "question")
                 << " without an answer\n";
        else if (judge_)
            err_ << guard_summary();
    }

    [[nodiscard]] std::string guard_summary() const {
        auto line = "guard: would refuse " +
                    (refused_ == 0 ? "nothing" : counted(refused_, "address", "es"));
        if (judge_->unanswered() > 0)
            line += "; " + counted(judge_->unanswered(), "question") +
                    " for names that must never be hit got no answer";
        return line + "\n";
    }

    const SweepCommand& command_;
    const SweepRequest& request_;
    Sweeper& sweeper_;
    std::ostream& out_;
    std::ostream& err_;
    Terminals terminals_;
    OutcomeCounts counts_;
    SweepPrinter printer_;
    std::optional<SweepJudge> judge_;
    std::set<std::string> targets_;
    std::vector<Question> named_targets_;
    SweepTally tally_; // over both sweeps
    std::size_t asked_names_ = 0;
    std::size_t asked_ = 0; // questions that are shown
    std::size_t refused_ = 0;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

} // namespace

int run_pass(const SweepCommand& command, const SweepRequest& request, Sweeper& sweeper,
             std::ostream& out, std::ostream& err, Terminals terminals) {
    return Pass(command, request, sweeper, out, err, terminals).run();
}

} // namespace sweepgate::cli
