// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/slow_lane.hpp"

#include <utility>

namespace sweepgate::cli {

SlowLane::SlowLane(std::unique_ptr<Sweeper> sweeper)
    : sweeper_(std::move(sweeper)), thread_([this] { loop(); }) {}

SlowLane::~SlowLane() {
    {
        const std::lock_guard guard(lock_);
        stopping_ = true;
        wake_.notify_one();
    }
    thread_.join();
}

bool SlowLane::is_idle() const {
    const std::lock_guard guard(lock_);
    return questions_.empty();
}

void SlowLane::ask(std::vector<Question> questions) {
    const std::lock_guard guard(lock_);
    questions_ = std::move(questions);
    wake_.notify_one();
}

Result<std::vector<Answer>> SlowLane::heard() {
    const std::lock_guard guard(lock_);
    if (!swept_) return tl::unexpected(swept_.error());
    return std::exchange(answers_, {});
}

bool SlowLane::is_stopping() const {
    const std::lock_guard guard(lock_);
    return stopping_;
}

void SlowLane::loop() {
    std::unique_lock guard(lock_);
    for (;;) {
        wake_.wait(guard, [this] { return stopping_ || !questions_.empty(); });
        if (stopping_) return;
        const auto questions = questions_;
        guard.unlock();
        auto swept = sweeper_->sweep(
            questions,
            [this](const Answer& answer) {
                const std::lock_guard inner(lock_);
                answers_.push_back(answer);
            },
            [this] { return is_stopping(); });
        guard.lock();
        swept_ = std::move(swept);
        questions_.clear();
    }
}

} // namespace sweepgate::cli
