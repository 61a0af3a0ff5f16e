// SPDX-License-Identifier: Apache-2.0
#include "resolver/transport.hpp"

#include <array>
#include <cerrno>
#include <limits>

#include <sys/epoll.h>
#include <unistd.h>

namespace sweepgate::dns {

namespace {

constexpr auto kNone = std::numeric_limits<std::size_t>::max();
constexpr auto kTick = std::chrono::milliseconds(10);
constexpr auto kOldest = std::chrono::seconds(30);

} // namespace

Result<std::unique_ptr<Transport>> Transport::create(PacketSink& sink) {
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) return fail(Errc::io, "epoll_create1: " + errno_text(errno));
    return std::unique_ptr<Transport>(new Transport(sink, epoll));
}

Transport::~Transport() {
    close_all();
    close(epoll_);
}

std::size_t Transport::add_lane(const LaneOptions& options) {
    lanes_.push_back({options, std::vector<std::size_t>(options.channels, kNone), 0});
    return lanes_.size() - 1;
}

void Transport::send(std::size_t lane, std::span<const std::uint8_t> query, Carried& carried) {
    if (auto* const channel = channel_of(lanes_[lane]); channel != nullptr)
        return channel->send(query, carried);
    carried.channel = nullptr;
    sink_.arrived(carried, Delivery::unreachable, {});
}

Channel* Transport::channel_of(Lane& lane) {
    auto& number = lane.slots[lane.next];
    lane.next = (lane.next + 1) % lane.slots.size();
    if (number != kNone && is_worn(slots_[number], lane)) {
        slots_[number].retired = true;
        number = kNone;
    }
    if (number == kNone) number = open_slot(lane);
    return number == kNone ? nullptr : slots_[number].channel.get();
}

bool Transport::is_worn(const Slot& slot, const Lane& lane) const {
    return slot.retired || slot.channel->sent() >= lane.options.queries_per_channel ||
           now_ - slot.opened > kOldest;
}

std::size_t Transport::open_slot(const Lane& lane) {
    if (free_.empty()) {
        slots_.emplace_back();
        free_.push_back(slots_.size() - 1);
    }
    const auto number = free_.back();
    auto channel = Channel::open({lane.options.endpoint, lane.options.timeout, lane.options.tcp,
                                  epoll_, static_cast<std::uint32_t>(number)},
                                 sink_);
    if (!channel) return kNone;
    free_.pop_back();
    slots_[number] = {std::move(*channel), false, now_};
    ++opened_;
    return number;
}

Status Transport::turn(std::chrono::milliseconds longest) {
    std::array<epoll_event, 256> events{};
    const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                 static_cast<int>(longest.count()));
    if (ready < 0 && errno != EINTR) return fail(Errc::io, "epoll_wait: " + errno_text(errno));
    now_ = Clock::now();
    for (int i = 0; i < ready; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        const auto number = static_cast<std::size_t>(event.data.u64 >> 32U);
        const auto descriptor = static_cast<int>(event.data.u64 & 0xFFFFFFFFU);
        if (number >= slots_.size() || slots_[number].channel == nullptr) continue;
        slots_[number].channel->process(descriptor,
                                        (event.events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0,
                                        (event.events & EPOLLOUT) != 0);
    }
    if (now_ - ticked_ >= kTick) expire_and_reap();
    return {};
}

// The one place where channels end while a sweep runs: never below a callback of theirs.
void Transport::expire_and_reap() {
    ticked_ = now_;
    for (std::size_t number = 0; number < slots_.size(); ++number) {
        auto& slot = slots_[number];
        if (slot.channel == nullptr) continue;
        slot.channel->expire();
        if (!slot.retired || slot.channel->in_flight() != 0) continue;
        for (auto& lane : lanes_)
            for (auto& held : lane.slots)
                if (held == number) held = kNone;
        slot = {};
        free_.push_back(number);
    }
}

void Transport::close_all() {
    for (auto& lane : lanes_) lane.slots.assign(lane.slots.size(), kNone);
    slots_.clear();
    free_.clear();
}

unsigned Transport::in_flight(std::size_t lane) const {
    unsigned total = 0;
    for (const auto number : lanes_[lane].slots)
        if (number != kNone) total += slots_[number].channel->in_flight();
    return total;
}

} // namespace sweepgate::dns
