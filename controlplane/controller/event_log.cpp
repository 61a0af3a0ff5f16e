// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/event_log.hpp"

#include <spdlog/spdlog.h>

#include "controlplane/model/text.hpp"

namespace sweepgate::controller {

void EventLog::log(const GateEvent& said) {
    const auto now = std::chrono::steady_clock::now();
    if (now - second_ >= std::chrono::seconds(1)) {
        second_ = now;
        logged_ = 0;
    }
    if (logged_ >= kLoggedPerSecond) return;
    ++logged_;
    const auto& event = said.event;
    spdlog::info("first seen by {}: {} to {}, port {} ({})", printable(said.gate),
                 event.client ? to_string(*event.client) : "a client", event.system,
                 event.port ? std::to_string(*event.port) : "none", to_string(event.port_class));
}

void EventLog::add(const HitEvents& events) {
    const std::lock_guard lock(mutex_);
    suppressed_ += events.suppressed;
    for (const auto& event : events.events) {
        events_.push_front({events.gate, event});
        fresh_.push_back(events_.front());
        log(events_.front());
    }
    if (events_.size() > kKeptEvents) events_.resize(kKeptEvents);
    while (fresh_.size() > kKeptEvents) fresh_.pop_front();
}

void EventLog::restore(const std::vector<GateEvent>& events) {
    const std::lock_guard lock(mutex_);
    for (auto event = events.rbegin(); event != events.rend(); ++event) events_.push_back(*event);
    if (events_.size() > kKeptEvents) events_.resize(kKeptEvents);
}

std::vector<GateEvent> EventLog::take_new() {
    const std::lock_guard lock(mutex_);
    std::vector<GateEvent> taken(fresh_.begin(), fresh_.end());
    fresh_.clear();
    return taken;
}

void EventLog::take_back(std::vector<GateEvent> untaken) {
    const std::lock_guard lock(mutex_);
    fresh_.insert(fresh_.begin(), untaken.begin(), untaken.end());
    while (fresh_.size() > kKeptEvents) fresh_.pop_front();
}

std::vector<GateEvent> EventLog::newest(std::size_t most) const {
    const std::lock_guard lock(mutex_);
    const auto count = static_cast<std::ptrdiff_t>(std::min(most, events_.size()));
    return {events_.begin(), events_.begin() + count};
}

std::uint64_t EventLog::suppressed() const {
    const std::lock_guard lock(mutex_);
    return suppressed_;
}

} // namespace sweepgate::controller
