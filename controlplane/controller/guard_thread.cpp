// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/guard_thread.hpp"

#include <spdlog/spdlog.h>

#include "controlplane/controller/sweep_thread.hpp"
#include "controlplane/model/text.hpp"

namespace sweepgate::controller {

namespace {

constexpr std::chrono::seconds kPause{1};

} // namespace

Result<std::unique_ptr<GuardThread>> GuardThread::create(Controller& controller) {
    auto sweep = GuardSweep::create(sweep_options(controller.config().resolver));
    if (!sweep) return tl::unexpected(sweep.error());
    return std::unique_ptr<GuardThread>(new GuardThread(controller, std::move(*sweep)));
}

GuardThread::GuardThread(Controller& controller, std::unique_ptr<GuardSweep> sweep)
    : controller_(controller), sweep_(std::move(sweep)) {}

GuardThread::~GuardThread() { stop(); }

void GuardThread::ask(const std::function<bool()>& stop_requested) {
    try {
        const auto findings = sweep_->run(controller_.guard_questions(), stop_requested);
        if (stop_requested()) return;
        const auto ok =
            findings ? controller_.learn(*findings) : Status(tl::unexpected(findings.error()));
        if (!ok) spdlog::error("guard: {}", printable(ok.error().what));
    } catch (const std::exception& error) { // no memory, say: the next turn may have it
        spdlog::error("guard: {}", printable(error.what()));
    }
}

void GuardThread::run(const std::function<bool()>& stop_requested) {
    ask(stop_requested);
    const std::lock_guard guard(lock_);
    if (!stopping_ && !thread_.joinable()) thread_ = std::thread([this] { loop(); });
}

void GuardThread::stop() {
    {
        const std::lock_guard guard(lock_);
        stopping_ = true;
        wake_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

bool GuardThread::is_stopping() {
    const std::lock_guard guard(lock_);
    return stopping_;
}

bool GuardThread::wait() {
    std::unique_lock guard(lock_);
    return !wake_.wait_for(guard, kPause, [this] { return stopping_; });
}

void GuardThread::loop() {
    while (wait()) ask([this] { return is_stopping(); });
}

} // namespace sweepgate::controller
