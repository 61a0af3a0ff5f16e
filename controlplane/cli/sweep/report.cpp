// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/report.hpp"

#include <algorithm>
#include <numeric>
#include <ostream>

namespace sweepgate::cli {

std::size_t OutcomeCounts::total() const {
    return std::accumulate(of_.begin(), of_.end(), std::size_t{0});
}

std::size_t OutcomeCounts::failed() const {
    if (strict_) return total() - of(Outcome::answered);
    return total() - of(Outcome::answered) - of(Outcome::nodata) - of(Outcome::nxdomain);
}

std::string OutcomeCounts::text() const {
    std::string line;
    for (std::size_t i = 0; i < of_.size(); ++i)
        if (of_[i] != 0)
            line += (line.empty() ? "" : ", ") + std::to_string(of_[i]) + " " +
                    std::string(to_string(static_cast<Outcome>(i)));
    return line.empty() ? "nothing answered" : line;
}

int OutcomeCounts::exit_code() const {
    if (total() > 0 && of(Outcome::timeout) == total()) return kSweepNoServer;
    return failed() == 0 ? kSweepAllAnswered : kSweepSomeFailed;
}

SweepReport::SweepReport(std::span<const AskedName> names, SweepPrinter& printer,
                         OutcomeCounts counts, std::ostream& out, std::function<void()> make_room)
    : names_(names), printer_(printer), counts_(counts), out_(out),
      make_room_(std::move(make_room)), answers_(names.size()) {
    for (std::size_t i = 0; i < names_.size(); ++i) places_.emplace(names_[i].name, i);
}

bool SweepReport::add(const Answer& answer) {
    const auto place = places_.find(answer.question.name);
    if (place == places_.end()) return false;
    const auto& types = names_[place->second].types;
    if (std::ranges::find(types, answer.question.type) == types.end()) return false;
    counts_.add(answer.outcome);
    answers_[place->second].push_back(answer);
    const auto first = next_;
    for (; next_ < names_.size() && answers_[next_].size() == names_[next_].types.size(); ++next_) {
        if (next_ == first) make_room_();
        print(next_);
    }
    unflushed_ = unflushed_ || next_ != first;
    return true;
}

void SweepReport::flush() {
    if (std::exchange(unflushed_, false)) out_.flush();
}

void SweepReport::finish() {
    for (; next_ < names_.size(); ++next_)
        if (!answers_[next_].empty()) print(next_);
    out_.flush();
}

void SweepReport::print(std::size_t place) {
    auto answers = std::exchange(answers_[place], {}); // a long sweep keeps what waits only
    const auto& types = names_[place].types;
    std::ranges::sort(answers, {}, [&](const Answer& answer) {
        return std::ranges::find(types, answer.question.type) - types.begin();
    });
    printer_.print(std::move(answers));
}

} // namespace sweepgate::cli
