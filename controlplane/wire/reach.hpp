// SPDX-License-Identifier: Apache-2.0
// Internal to this station: why a connection does not come about. ZeroMQ only tries again and
// never says. The answer names the remedy where there is one.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "controlplane/wire/socket.hpp"

namespace sweepgate::wire {

/// What keeps this user from a unix socket, or nothing.
[[nodiscard]] std::optional<std::string> why_not_local(const std::filesystem::path& socket);

/// What keeps us from "tcp://host:port": resolves and connects once, for at most `patience`.
/// Nothing when it connected.
[[nodiscard]] std::optional<std::string> why_not_tcp(const std::string& endpoint,
                                                     std::chrono::milliseconds patience);

/// What became of a client's connection.
class Handshake {
public:
    enum class State : std::uint8_t {
        none,          // no TCP connection yet
        no_connection, // an attempt failed
        connected,     // the other side has not said anything yet
        ready,         // keys accepted
        key_refused,   // the other side does not know our key
        failed,        // the other side hung up in the handshake, again and again
    };

    /// Before `socket` connects; it outlives this. Errors: io.
    static Result<Handshake> watch(zmq::context_t& context, Socket& socket);

    /// Takes in what has happened since.
    State update();
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] Socket& events() { return events_; }

private:
    explicit Handshake(Socket events) : events_(std::move(events)) {}
    void take(std::uint16_t event);
    void hung_up();

    Socket events_;
    State state_ = State::none;
    int hang_ups_ = 0;
};

} // namespace sweepgate::wire
