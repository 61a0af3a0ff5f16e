// SPDX-License-Identifier: Apache-2.0
// A sweeper with a thread of its own, for names that failed the last time: a sweep ends with its
// slowest name, and nobody else is to wait for that.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "resolver/sweep.hpp"

namespace sweepgate::cli {

class SlowLane {
public:
    explicit SlowLane(std::unique_ptr<Sweeper> sweeper);
    /// Abandons what is under way.
    ~SlowLane();
    SlowLane(const SlowLane&) = delete;
    SlowLane& operator=(const SlowLane&) = delete;

    /// Everything asked has been answered.
    [[nodiscard]] bool is_idle() const;
    /// Only while it is idle.
    void ask(std::vector<Question> questions);
    /// What was answered since the last call. Errors: those of Sweeper::sweep.
    [[nodiscard]] Result<std::vector<Answer>> heard();

private:
    void loop();
    [[nodiscard]] bool is_stopping() const;

    std::unique_ptr<Sweeper> sweeper_;
    mutable std::mutex lock_; // guards all below
    std::condition_variable wake_;
    std::vector<Question> questions_;
    std::vector<Answer> answers_;
    Status swept_; // the last sweep
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace sweepgate::cli
