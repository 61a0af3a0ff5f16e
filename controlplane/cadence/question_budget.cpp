// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cadence/question_budget.hpp"

#include <algorithm>

namespace sweepgate {

namespace {
constexpr double kKeptSeconds = 0.2;
}

QuestionBudget::QuestionBudget(double per_second)
    : per_second_(per_second), most_(std::max(1.0, per_second * kKeptSeconds)), tokens_(most_) {}

void QuestionBudget::fill(TimePoint now) {
    const std::chrono::duration<double> passed = now - filled_.value_or(now);
    tokens_ = std::min(most_, tokens_ + std::max(0.0, passed.count()) * per_second_);
    filled_ = now;
}

bool QuestionBudget::take(TimePoint now) {
    if (per_second_ <= 0) return true;
    fill(now);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
}

QuestionBudget::TimePoint QuestionBudget::next(TimePoint now) {
    if (per_second_ <= 0) return now;
    fill(now);
    if (tokens_ >= 1) return now;
    const std::chrono::duration<double> wait((1 - tokens_) / per_second_);
    return now + std::chrono::ceil<std::chrono::milliseconds>(wait);
}

} // namespace sweepgate
