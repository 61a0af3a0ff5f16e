// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/zap.hpp"

#include <array>

namespace sweepgate::wire {

namespace {

/// version, request id, domain, address, identity, mechanism, credentials
constexpr std::size_t kParts = 7;
constexpr std::size_t kKeyBytes = 32;

std::string to_z85(const std::string& key) {
    std::array<char, kZ85Length + 1> text{};
    zmq_z85_encode(text.data(), reinterpret_cast<const std::uint8_t*>(key.data()), kKeyBytes);
    return text.data();
}

} // namespace

Result<Doorkeeper> Doorkeeper::open(zmq::context_t& context) {
    auto socket = Socket::create(context, zmq::socket_type::rep, Limits{4096, 1000, 1000});
    if (!socket) return tl::unexpected(socket.error());
    if (auto bound = socket->bind("inproc://zeromq.zap.01"); !bound)
        return tl::unexpected(bound.error());
    return Doorkeeper(std::move(*socket));
}

bool Doorkeeper::answer(
    const std::function<bool(const std::string&, const std::string&, const std::string&)>& admit) {
    const auto request = socket_.receive();
    if (!request) return false;
    const auto& parts = request->parts;
    const bool understood = parts.size() == kParts && parts[0] == "1.0" && parts[5] == "CURVE" &&
                            parts[6].size() == kKeyBytes;
    const auto key = understood ? to_z85(parts[6]) : std::string();
    const bool admitted = understood && admit(parts[2], key, unmapped(parts[3]));
    const std::string id = parts.size() > 1 ? parts[1] : "";
    socket_.send({"1.0", id, admitted ? "200" : "400", admitted ? "OK" : "not authorized",
                  admitted ? key : "", ""});
    return true;
}

} // namespace sweepgate::wire
