// SPDX-License-Identifier: Apache-2.0
// One pass of DNS questions over many names: hundreds in flight on one epoll loop.
//
// c-ares carries the packets; everything that decides is above it. A question that timed out,
// or got SERVFAIL, REFUSED or nonsense, moves to the next timeout at the next upstream and no
// longer holds a place in the window, so a few dead names do not slow the others down.
// A question for one server (Question::server) stays with it.
//
// An upstream that stays silent is passed over and probed once a second; when all of them are
// silent for as long as all timeouts together, what is left ends as TIMEOUT without being sent;
// so does a question for one server when that one is.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "controlplane/model/result.hpp"
#include "resolver/answer.hpp"

namespace sweepgate {

namespace dns {
class Engine;
}

struct SweepOptions {
    /// "192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:5353", "fe80::1%eth0"; 1 to
    /// 32 of them.
    /// Each may be a vantage point of its own with an EDNS Client Subnet (RFC 7871) behind it,
    /// at most a /24 or /56: "192.0.2.53 subnet=198.51.100.0/24". One server with several subnets
    /// is one upstream: its entries share rate, health and sockets.
    std::vector<std::string> servers;
    unsigned window =
        0; // questions on their first timeout at any time, ..8192; 0: found (window.hpp)
    /// One per try, 1..8 of them, each 10 ms to 30 s. An upstream is never given less than the
    /// first of them that is four times its smoothed round trip, or the last of at most a second.
    /// Their sum (and a tenth, as jitter) bounds the time a name can take at upstreams that are
    /// near; where one proved to be asked too fast, three times the second comes on top.
    std::vector<std::chrono::milliseconds> timeouts = {
        std::chrono::milliseconds(250), std::chrono::milliseconds(500),
        std::chrono::milliseconds(1000), std::chrono::milliseconds(2000)};
    /// To each upstream, retries included: at most (0: as many as it takes), and what its rate
    /// never falls below when it seems to lose what is too much for it (see pacer.hpp).
    unsigned queries_per_second = 0;
    unsigned least_queries_per_second = 100;
    bool randomise_case = true;       // DNS 0x20: the answer must repeat the question's case
    bool edns = true;                 // OPT with 1,232 octets
    unsigned queries_per_port = 1000; // then a fresh channel, which means a fresh source port
    /// For one connection's worth of truncated answers; the wait of one TCP try.
    std::chrono::milliseconds tcp_timeout{3000};
};

/// Counts of one sweep.
struct SweepTally {
    unsigned long sent = 0;          // packets, probes included
    unsigned long retries = 0;       // questions moved to another try
    unsigned long tcp = 0;           // questions that went to TCP
    unsigned long case_mismatch = 0; // answers that did not repeat our 0x20 case
    unsigned long edns_lost = 0;     // replies without OPT to questions with one
    unsigned long channels = 0;      // source ports used
    std::vector<std::string> silent; // servers passed over at its end, as "192.0.2.53:53"
};

/// Not thread-safe; usable again and again from one thread. What it learns about an upstream
/// (dead, no EDNS, no 0x20) outlives a sweep; sockets do not.
class Sweeper {
public:
    /// errors   bad_input: a server or bound that is impossible, naming it
    ///          io: no epoll descriptor
    [[nodiscard]] static Result<std::unique_ptr<Sweeper>> create(SweepOptions options);
    ~Sweeper();
    Sweeper(const Sweeper&) = delete;
    Sweeper& operator=(const Sweeper&) = delete;

    /// Every question gets exactly one Answer, in any order, from this thread.
    ///   on_answer        may throw (the sweep ends) but must not call sweep() again
    ///   stop_requested   asked every 10 ms; true abandons what is in flight
    ///   errors           bad_input: a question is for a server that there is not
    ///                    unavailable: stopped early, with the number of questions answered
    ///                    io: epoll failed
    [[nodiscard]] Status sweep(std::span<const Question> questions,
                               const std::function<void(const Answer&)>& on_answer,
                               const std::function<bool()>& stop_requested = {});

    [[nodiscard]] const SweepTally& tally() const; // of the last sweep

private:
    explicit Sweeper(std::unique_ptr<dns::Engine> engine);
    std::unique_ptr<dns::Engine> engine_;
};

} // namespace sweepgate
