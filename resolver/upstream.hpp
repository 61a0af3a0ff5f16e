// SPDX-License-Identifier: Apache-2.0
// One DNS server as the sweep sees it: where it is, whether it is alive, what it cannot do, and
// how fast it may be asked.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "controlplane/model/address.hpp"
#include "controlplane/model/result.hpp"

namespace sweepgate::dns {

using Clock = std::chrono::steady_clock;

/// Tokens come at `per_second` and at most 20 ms' worth (but one) is kept. 0: never empty.
class TokenBucket {
public:
    explicit TokenBucket(unsigned per_second);
    [[nodiscard]] bool take(Clock::time_point now);

private:
    double per_second_;
    double most_;
    double tokens_;
    Clock::time_point filled_;
};

struct Endpoint {
    Address address;
    std::uint16_t port = 53;

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// "192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:5353".
///   errors   bad_input, naming the text
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text,
                                              std::uint16_t default_port = 53);
[[nodiscard]] std::string to_string(const Endpoint& endpoint); // always with the port

class Upstream {
public:
    Upstream(const Endpoint& endpoint, unsigned queries_per_second);

    [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] TokenBucket& bucket() { return bucket_; }

    void heard(Clock::time_point now);
    /// Silence or a shut port, for a query sent at `sent`. What was sent before the last answer
    /// proves nothing.
    void failed(Clock::time_point sent);
    /// Eight failures in a row: pass it over and probe it.
    [[nodiscard]] bool is_dead() const { return failures_ >= kDeadAfter; }
    /// Of a sweep: no answer since then.
    void begin(Clock::time_point now);
    [[nodiscard]] Clock::duration silent_for(Clock::time_point now) const {
        return now - heard_at_;
    }

    /// True when it has just died, and once a second after that while it stays dead.
    [[nodiscard]] bool wants_probe(Clock::time_point now);

    /// A server that lower-cases what it repeats, or one without EDNS, is believed for 10 min.
    void pin_no_case(Clock::time_point now) { no_case_until_ = now + kPinned; }
    [[nodiscard]] bool repeats_case(Clock::time_point now) const { return now >= no_case_until_; }
    void saw_edns(bool present, Clock::time_point now);
    [[nodiscard]] bool speaks_edns(Clock::time_point now) const { return now >= no_edns_until_; }

private:
    static constexpr unsigned kDeadAfter = 8;
    static constexpr unsigned kNoEdnsAfter = 4; // answers in a row, over fresh channels
    static constexpr auto kPinned = std::chrono::minutes(10);
    static constexpr auto kProbeEvery = std::chrono::seconds(1);

    Endpoint endpoint_;
    std::string name_;
    TokenBucket bucket_;
    unsigned failures_ = 0;
    unsigned without_edns_ = 0;
    Clock::time_point heard_at_;
    Clock::time_point probe_at_;
    Clock::time_point no_case_until_;
    Clock::time_point no_edns_until_;
};

} // namespace sweepgate::dns
