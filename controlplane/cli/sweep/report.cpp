// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/report.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <ostream>
#include <utility>

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

SweepReport::SweepReport(std::span<const Question> questions, SweepPrinter& printer,
                         OutcomeCounts counts, std::ostream& out, std::function<void()> make_room)
    : questions_(questions), printer_(printer), counts_(counts), out_(out),
      make_room_(std::move(make_room)) {}

bool SweepReport::add(const Answer& answer) {
    if (answer.number >= questions_.size()) return false;
    counts_.add(answer.outcome);
    const auto begin = begin_of(answer.number);
    if (begin == next_ && end_of(begin) == begin + 1) {
        print(std::span(&answer, 1));
        ++next_;
    } else {
        const auto name = heard_.try_emplace(begin).first;
        name->second.push_back(answer);
        if (begin < next_ && is_complete(*name)) print(name);
    }
    print_those_due();
    return true;
}

void SweepReport::flush() {
    if (std::exchange(unflushed_, false)) out_.flush();
}

void SweepReport::finish() {
    for (auto name = heard_.begin(); name != heard_.end();) name = print(name);
    out_.flush();
}

std::size_t SweepReport::begin_of(std::size_t question) const {
    while (question > 0 && questions_[question - 1].name == questions_[question].name) --question;
    return question;
}

std::size_t SweepReport::end_of(std::size_t question) const {
    const auto& name = questions_[question].name;
    while (question < questions_.size() && questions_[question].name == name) ++question;
    return question;
}

bool SweepReport::is_complete(const Heard::value_type& name) const {
    return name.second.size() == end_of(name.first) - name.first;
}

void SweepReport::print_those_due() {
    for (auto name = heard_.lower_bound(next_); name != heard_.end();) {
        const bool its_turn = name->first == next_ && is_complete(*name);
        if (!its_turn && heard_.size() <= most_held_up_) return;
        next_ = end_of(name->first);
        name = is_complete(*name) ? print(name) : std::next(name);
    }
}

SweepReport::Heard::iterator SweepReport::print(Heard::iterator name) {
    std::ranges::sort(name->second, {}, &Answer::number); // the order of the types
    print(name->second);
    return heard_.erase(name);
}

void SweepReport::print(std::span<const Answer> answers) {
    make_room_();
    printer_.print(answers);
    unflushed_ = true;
}

} // namespace sweepgate::cli
