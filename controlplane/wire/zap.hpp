// SPDX-License-Identifier: Apache-2.0
// Internal to this station: decides who may connect (ZAP, ZeroMQ RFC 27). One per context; its
// socket is polled by the publisher's loop. Every answer sets User-Id to the peer's public key, so
// that roles are looked up anew at each message.
#pragma once

#include <functional>

#include "controlplane/wire/socket.hpp"

namespace sweepgate::wire {

inline constexpr const char* kUpdatesDomain = "updates";   // gates and relays
inline constexpr const char* kRequestsDomain = "requests"; // every authorized key

class Doorkeeper {
public:
    static Result<Doorkeeper> open(zmq::context_t& context);
    /// Answers one request. `admit(domain, public key, address)` decides. False when none is
    /// waiting.
    bool answer(const std::function<bool(const std::string&, const std::string&,
                                         const std::string&)>& admit);
    [[nodiscard]] Socket& socket() { return socket_; }

private:
    explicit Doorkeeper(Socket socket) : socket_(std::move(socket)) {}
    Socket socket_;
};

} // namespace sweepgate::wire
