// SPDX-License-Identifier: Apache-2.0
#include "dataplane/who/talkers.hpp"

namespace sweepgate::who {

namespace {

constexpr std::chrono::minutes kPage{1};

} // namespace

Key key_of(const Hit& hit, TalkersBy by) {
    Key key;
    if (by == TalkersBy::client || by == TalkersBy::all) key.client = hit.client;
    if (by == TalkersBy::system || by == TalkersBy::all) key.system = hit.system;
    if (by == TalkersBy::port || by == TalkersBy::all) {
        key.protocol = hit.protocol;
        key.port = hit.port;
    }
    return key;
}

Talkers::Talkers(TalkersBy by, std::size_t capacity, SteadyClock::time_point now)
    : by_(by), capacity_(capacity), all_(capacity), minute_(capacity), minute_ends_(now + kPage) {}

void Talkers::turn_pages(SteadyClock::time_point now) {
    for (unsigned turned = 0; now >= minute_ends_; ++turned) {
        if (turned > kMostMinutes) { // nobody looked for a while: all pages are blank by now
            minute_ends_ = now + kPage;
            return;
        }
        if (minute_.keys.total() > 0) all_.merge(minute_);
        past_.push_front(std::move(minute_));
        if (past_.size() > kMostMinutes) past_.pop_back();
        minute_ = Summary(capacity_);
        minute_ends_ += kPage;
    }
}

void Talkers::add(const Hit& hit, SteadyClock::time_point now) {
    turn_pages(now);
    minute_.add(key_of(hit, by_), hit.weight);
}

Summary Talkers::over(unsigned minutes, SteadyClock::time_point now) {
    turn_pages(now);
    auto summary = minutes == 0 ? all_ : minute_;
    if (minutes == 0) summary.merge(minute_);
    for (std::size_t i = 0; i < std::min<std::size_t>(minutes, past_.size()); ++i)
        summary.merge(past_[i]);
    return summary;
}

} // namespace sweepgate::who
