// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/admin.hpp"
#include "controlplane/wire/endpoint.hpp"
#include "controlplane/wire/messages.hpp"
#include "controlplane/wire/payload.hpp"
#include "controlplane/wire/reach.hpp"
#include "controlplane/wire/socket.hpp"
#include "sweepgate.pb.h"

namespace sweepgate::wire {

using Clock = std::chrono::steady_clock;

struct AdminClient::Link {
    zmq::context_t context;
    std::optional<Socket> socket;
    std::optional<Handshake> handshake;
    std::string endpoint;
    std::uint64_t last_id = 0;

    Result<std::string> exchange(const std::string& bytes, std::uint64_t id,
                                 std::chrono::milliseconds timeout);
};

namespace {

std::chrono::milliseconds left_until(Clock::time_point deadline) {
    return std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
}

tl::unexpected<Error> too_long(std::string_view verb, const char* what, std::size_t bytes,
                               std::size_t most) {
    return fail(Errc::bad_input, std::string(verb) + ": " + what + " of " + std::to_string(bytes) +
                                     " bytes, at most " + std::to_string(most));
}

/// What is known to be in the way, or nothing: then waiting makes sense.
std::optional<std::string> why_not(const std::string& endpoint, Handshake& handshake,
                                   std::chrono::milliseconds patience) {
    switch (handshake.update()) {
    case Handshake::State::no_connection:
        return endpoint.starts_with("tcp://") ? why_not_tcp(endpoint, patience)
                                              : why_not_local(endpoint.substr(6));
    case Handshake::State::key_refused:
        return endpoint + ": our key is not authorized: it belongs into authorized_keys there";
    case Handshake::State::failed:
        return endpoint + ": the handshake failed: it has another key than --server-key says, or "
                          "is no controller";
    default: return std::nullopt;
    }
}

std::string silence(const std::string& endpoint, Handshake::State state,
                    std::chrono::milliseconds timeout) {
    const auto within = " within " + std::to_string(timeout.count()) + " ms";
    if (state == Handshake::State::ready) return endpoint + ": connected, but no answer" + within;
    if (state == Handshake::State::connected)
        return endpoint + ": connected, but no handshake" + within + ": is that a controller?";
    return endpoint + ": no connection" + within + ": no packet came back";
}

/// Nothing when it answers an earlier request.
std::optional<Result<std::string>> read_reply(const Received& received, std::uint64_t id) {
    proto::Reply reply;
    if (received.parts.size() != 1 || !parse_message(received.parts[0], reply))
        return fail(Errc::bad_input, "the server's answer is malformed");
    if (reply.what_case() == proto::Reply::kRefused) return fail(Errc::refused, reply.refused());
    if (reply.what_case() != proto::Reply::kAdmin || reply.admin().id() != id) return std::nullopt;
    const auto& admin = reply.admin();
    if (admin.failed() == 0) return admin.json();
    const bool known = admin.failed() <= 1U + static_cast<std::uint32_t>(Errc::io);
    const auto code = known ? static_cast<Errc>(admin.failed() - 1) : Errc::io;
    // Unavailable, here, is who does not answer.
    return fail(code == Errc::unavailable ? Errc::refused : code, admin.error());
}

} // namespace

AdminClient::AdminClient(std::unique_ptr<Link> link) : link_(std::move(link)) {}
AdminClient::AdminClient(AdminClient&&) noexcept = default;
AdminClient& AdminClient::operator=(AdminClient&&) noexcept = default;
AdminClient::~AdminClient() = default;

Result<AdminClient> AdminClient::connect(const std::string& endpoint,
                                         const std::optional<CurveClient>& curve) {
    auto link = std::make_unique<Link>();
    link->endpoint = endpoint;
    auto socket =
        open_client(link->context, zmq::socket_type::dealer, Limits{kMaxReplyBytes, 16, 16},
                    endpoint, curve, [&](Socket& opened) -> Status {
                        // A person waits for it.
                        constexpr int kSoon = 100;
                        zmq_setsockopt(opened.handle(), ZMQ_RECONNECT_IVL, &kSoon, sizeof kSoon);
                        auto handshake = Handshake::watch(link->context, opened);
                        if (!handshake) return tl::unexpected(handshake.error());
                        link->handshake.emplace(std::move(*handshake));
                        return {};
                    });
    if (!socket) return tl::unexpected(socket.error());
    link->socket.emplace(std::move(*socket));
    return AdminClient(std::move(link));
}

Result<std::string> AdminClient::request(std::string_view verb, std::string_view argument,
                                         std::chrono::milliseconds timeout,
                                         std::string_view options) {
    if (argument.size() > kMaxAdminArgument)
        return too_long(verb, "an argument", argument.size(), kMaxAdminArgument);
    if (options.size() > kMaxAdminOptions)
        return too_long(verb, "options", options.size(), kMaxAdminOptions);
    const auto id = ++link_->last_id;
    proto::Request request;
    encode(AdminRequest{std::string(verb), std::string(argument), std::string(options)}, id,
           *request.mutable_admin());
    const auto local = parse_endpoint(link_->endpoint);
    if (local && local->is_local())
        if (const auto why = why_not_local(local->socket_file))
            return fail(Errc::unavailable, *why);
    return link_->exchange(serialize_message(request), id, timeout);
}

Result<std::string> AdminClient::Link::exchange(const std::string& bytes, std::uint64_t id,
                                                std::chrono::milliseconds timeout) {
    constexpr std::chrono::milliseconds kAgain{10}; // the socket queues nothing while unconnected
    const auto deadline = Clock::now() + timeout;
    bool sent = false;
    while (Clock::now() < deadline) {
        const auto left = left_until(deadline);
        if (const auto why = why_not(endpoint, *handshake, left))
            return fail(Errc::unavailable, *why);
        if (!sent) sent = socket->send({bytes}) == Sent::yes;
        (void)poll({&*socket, &handshake->events()}, -1, sent ? left : std::min(left, kAgain));
        while (const auto received = socket->receive())
            if (auto reply = read_reply(*received, id)) return std::move(*reply);
    }
    return fail(Errc::unavailable, silence(endpoint, handshake->state(), timeout));
}

} // namespace sweepgate::wire
