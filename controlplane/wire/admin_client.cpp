// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/admin.hpp"
#include "controlplane/wire/messages.hpp"
#include "controlplane/wire/payload.hpp"
#include "controlplane/wire/socket.hpp"
#include "sweepgate.pb.h"

namespace sweepgate::wire {

using Clock = std::chrono::steady_clock;

struct AdminClient::Link {
    zmq::context_t context;
    std::optional<Socket> socket;
    std::string endpoint;
    std::uint64_t last_id = 0;
};

namespace {

std::chrono::milliseconds left_until(Clock::time_point deadline) {
    return std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
}

/// Retried until a connection stands: the socket queues nothing while there is none.
bool send_until(Socket& socket, const std::string& bytes, Clock::time_point deadline) {
    constexpr std::chrono::milliseconds kAgain{10};
    while (socket.send({bytes}) != Sent::yes) {
        if (Clock::now() >= deadline) return false;
        (void)poll({}, -1, kAgain);
    }
    return true;
}

tl::unexpected<Error> too_long(std::string_view verb, const char* what, std::size_t bytes,
                               std::size_t most) {
    return fail(Errc::bad_input, std::string(verb) + ": " + what + " of " + std::to_string(bytes) +
                                     " bytes, at most " + std::to_string(most));
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
    return fail(known ? static_cast<Errc>(admin.failed() - 1) : Errc::io, admin.error());
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
    auto socket = open_client(link->context, zmq::socket_type::dealer,
                              Limits{kMaxReplyBytes, 16, 16}, endpoint, curve);
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
    const auto deadline = Clock::now() + timeout;
    const auto id = ++link_->last_id;
    proto::Request request;
    encode(AdminRequest{std::string(verb), std::string(argument), std::string(options)}, id,
           *request.mutable_admin());
    auto& socket = *link_->socket;
    const auto silent = [&] {
        return fail(Errc::unavailable, link_->endpoint + ": no answer within " +
                                           std::to_string(timeout.count()) +
                                           " ms; is it running, and is our key authorized?");
    };
    if (!send_until(socket, serialize_message(request), deadline)) return silent();
    while (Clock::now() < deadline) {
        (void)poll({&socket}, -1, left_until(deadline));
        while (const auto received = socket.receive())
            if (auto reply = read_reply(*received, id)) return std::move(*reply);
    }
    return silent();
}

} // namespace sweepgate::wire
