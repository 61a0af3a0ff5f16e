// SPDX-License-Identifier: Apache-2.0
// All channels of a sweep on one epoll descriptor. A lane is one upstream with one timeout (or
// TCP); it keeps a few channels open and replaces each after so many queries, which gives fresh
// source ports (RFC 5452 section 9.2). A channel that is replaced stays until what it has in
// flight has arrived.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "resolver/channel.hpp"
#include "resolver/upstream.hpp"

namespace sweepgate::dns {

struct LaneOptions {
    Endpoint endpoint;
    std::chrono::milliseconds timeout{250};
    bool tcp = false;
    unsigned channels = 1; // open at a time, asked in turn
    unsigned queries_per_channel = 1000;
};

class Transport {
public:
    [[nodiscard]] static Result<std::unique_ptr<Transport>> create(PacketSink& sink);
    ~Transport();
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    /// Returns the lane's number.
    [[nodiscard]] std::size_t add_lane(const LaneOptions& options);
    /// May deliver before it returns. A channel that cannot be opened delivers `unreachable`.
    void send(std::size_t lane, std::span<const std::uint8_t> query, Carried& carried);
    /// Waits up to `longest` for packets, delivers them, expires and closes what is due.
    [[nodiscard]] Status turn(std::chrono::milliseconds longest);
    /// Forgets everything in flight. Not inside PacketSink::arrived().
    void close_all();

    [[nodiscard]] unsigned in_flight(std::size_t lane) const;
    [[nodiscard]] unsigned long opened() const { return opened_; }

private:
    struct Slot { // a slot's number is the tag of its channel's events
        std::unique_ptr<Channel> channel;
        bool retired = false;
        Clock::time_point opened;
    };
    struct Lane {
        LaneOptions options;
        std::vector<std::size_t> slots; // kNone where no channel is open
        std::size_t next = 0;
    };

    Transport(PacketSink& sink, int epoll) : sink_(sink), epoll_(epoll) {}
    [[nodiscard]] Channel* channel_of(Lane& lane);
    [[nodiscard]] bool is_worn(const Slot& slot, const Lane& lane) const;
    [[nodiscard]] std::size_t open_slot(const Lane& lane);
    void expire_and_reap();

    PacketSink& sink_;
    int epoll_;
    std::vector<Lane> lanes_;
    std::vector<Slot> slots_;
    std::vector<std::size_t> free_;
    Clock::time_point now_ = Clock::now();
    Clock::time_point ticked_;
    unsigned long opened_ = 0;
};

} // namespace sweepgate::dns
