// SPDX-License-Identifier: Apache-2.0
// How many questions may still be asked: tokens that come at a rate, at most 200 ms' worth of them
// kept (but one).
#pragma once

#include <chrono>
#include <optional>

namespace sweepgate {

class QuestionBudget {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    explicit QuestionBudget(double per_second); // 0: any number
    [[nodiscard]] bool take(TimePoint now);
    /// When take() will succeed.
    [[nodiscard]] TimePoint next(TimePoint now);
    [[nodiscard]] double per_second() const { return per_second_; }

private:
    void fill(TimePoint now);

    double per_second_;
    double most_;
    double tokens_;
    std::optional<TimePoint> filled_;
};

} // namespace sweepgate
