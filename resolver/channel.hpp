// SPDX-License-Identifier: Apache-2.0
// One c-ares channel: one upstream, one timeout, one try, UDP or TCP. The only place that knows
// c-ares, through its raw ares_send ABI (the same in 1.18 and 1.34).
//
// Traps of c-ares 1.18.1 that this type closes:
// - its TCP writes raise SIGPIPE and put more than IOV_MAX pieces into one call: sockets are ours;
// - it reads resolv.conf and the environment unless told everything: it is told everything;
// - SERVFAIL and REFUSED become "no server" unless NOCHECKRESP is set: it is;
// - destroying or cancelling inside a callback frees twice: a channel must not be closed from
//   PacketSink::arrived(), and everything is delivered while process() or send() runs;
// - it drops a reply that repeats no question, which is how boxes without EDNS refuse it: it is
//   given the question (in_flight.hpp), and the caller gets the datagram as it came (1.34 puts an
//   id of its own into a query, so such a reply stays unheard there);
// - told of EDNS, it asks again without by itself and drops EDNS for the channel's life; not told,
//   it cuts datagrams at 512 octets: it is not told, and the caller gets them whole;
// - an empty datagram breaks the connection for all that is under way: it is passed over;
// - one UDP channel keeps one source port: the caller takes a fresh channel every now and then.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "controlplane/model/result.hpp"
#include "resolver/endpoint.hpp"
#include "resolver/in_flight.hpp"

namespace sweepgate::dns {

enum class Delivery : std::uint8_t {
    packet,      // a datagram or TCP message with our id and our question, or none
    nonsense,    // within the channel's timeout only datagrams with our id and another question
    timed_out,   // nothing within the channel's timeout
    unreachable, // the socket said no: port shut, connection closed, buffers full
};

class PacketSink {
public:
    /// `packet` is empty unless Delivery::packet, and valid during the call only.
    virtual void arrived(Carried& carried, Delivery delivery,
                         std::span<const std::uint8_t> packet) noexcept = 0;

protected:
    ~PacketSink() = default;
};

struct ChannelOptions {
    Endpoint server;
    std::chrono::milliseconds timeout{250};
    bool tcp = false;
    int epoll = -1;        // sockets of the channel are watched there,
    std::uint32_t tag = 0; // with epoll_data.u64 = tag << 32 | descriptor
};

class Channel {
public:
    /// errors   unavailable: no interface of the server's zone; else with c-ares' words
    [[nodiscard]] static Result<std::unique_ptr<Channel>> open(const ChannelOptions& options,
                                                               PacketSink& sink);
    ~Channel(); // what is in flight is forgotten, not delivered
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    /// May deliver `carried` before it returns. `query` lives as long as `carried` is under way.
    void send(std::span<const std::uint8_t> query, Carried& carried);
    /// Reads and writes what is ready; delivers.
    void process(int descriptor, bool readable, bool writable);
    /// Delivers what has timed out. To be called about every 10 ms.
    void expire();

    [[nodiscard]] unsigned in_flight() const { return in_flight_.count(); }
    [[nodiscard]] unsigned sent() const { return sent_; }

private:
    struct Handle;
    Channel(const ChannelOptions& options, PacketSink& sink);
    [[nodiscard]] Status start();
    void watch(int descriptor, bool readable, bool writable) const;
    [[nodiscard]] std::size_t received(std::span<std::uint8_t> buffer, std::size_t size);
    void note_unclaimed();
    void deliver(Carried& carried, int status, std::span<const std::uint8_t> packet) noexcept;

    ChannelOptions options_;
    PacketSink& sink_;
    std::uint32_t interface_ = 0; // of a link-local server
    InFlight in_flight_;
    // The datagram that c-ares is looking at: what of it the caller gets, and where it stands as
    // c-ares sees it. Empty once it has been delivered.
    std::span<const std::uint8_t> datagram_;
    const std::uint8_t* shown_ = nullptr;
    std::vector<std::uint8_t> without_question_;
    unsigned sent_ = 0;
    std::unique_ptr<Handle> handle_; // last: its end calls back into the members above
};

} // namespace sweepgate::dns
