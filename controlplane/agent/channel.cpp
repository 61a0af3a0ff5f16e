// SPDX-License-Identifier: Apache-2.0
#include "controlplane/agent/channel.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "controlplane/wire/envelope.hpp"

namespace sweepgate::agent {

namespace {

constexpr std::size_t kMaxFrame = wire::kMaxChainBytes + 64;

tl::unexpected<Error> gone() {
    return fail(Errc::unavailable, "the other half of the agent is gone");
}

} // namespace

Result<std::pair<Channel, Channel>> Channel::make_pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return fail(Errc::io, "socketpair: " + errno_text(errno));
    return std::pair(Channel(wire::Descriptor(ends[0])), Channel(wire::Descriptor(ends[1])));
}

Status Channel::write_all(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return gone();
        if (sent < 0) return fail(Errc::io, "send: " + errno_text(errno));
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
}

Status Channel::read_all(char* into, std::size_t size) {
    while (size > 0) {
        const auto got = ::recv(socket_.get(), into, size, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got == 0 || (got < 0 && errno == ECONNRESET)) return gone();
        if (got < 0) return fail(Errc::io, "recv: " + errno_text(errno));
        into += got;
        size -= static_cast<std::size_t>(got);
    }
    return {};
}

Status Channel::send(std::uint32_t kind, std::string_view bytes) {
    const std::array<std::uint32_t, 2> header{kind, static_cast<std::uint32_t>(bytes.size())};
    std::string frame(sizeof header, '\0');
    std::memcpy(frame.data(), header.data(), sizeof header);
    if (auto ok = write_all(frame); !ok) return ok;
    return write_all(bytes);
}

Result<Frame> Channel::receive() {
    std::array<std::uint32_t, 2> header{};
    std::array<char, sizeof header> raw{};
    if (auto ok = read_all(raw.data(), raw.size()); !ok) return tl::unexpected(ok.error());
    std::memcpy(header.data(), raw.data(), raw.size());
    if (header[1] > kMaxFrame)
        return fail(Errc::bad_input, "a frame of " + std::to_string(header[1]) + " bytes");
    Frame frame{header[0], std::string(header[1], '\0')};
    if (auto ok = read_all(frame.bytes.data(), frame.bytes.size()); !ok)
        return tl::unexpected(ok.error());
    return frame;
}

FrameWriter& FrameWriter::number(std::uint64_t value) {
    std::array<char, sizeof value> raw{};
    std::memcpy(raw.data(), &value, sizeof value);
    bytes.append(raw.data(), raw.size());
    return *this;
}

FrameWriter& FrameWriter::text(std::string_view value) {
    number(value.size());
    bytes += value;
    return *this;
}

std::string_view FrameReader::take(std::size_t size) {
    ok_ = ok_ && size <= rest_.size();
    if (!ok_) return {};
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
}

std::uint64_t FrameReader::number() {
    std::uint64_t value = 0;
    const auto raw = take(sizeof value);
    if (ok_) std::memcpy(&value, raw.data(), sizeof value);
    return value;
}

std::string FrameReader::text() { return std::string(take(number())); }

std::size_t FrameReader::count() {
    const auto count = number();
    ok_ = ok_ && count <= rest_.size() / 8;
    return ok_ ? count : 0;
}

} // namespace sweepgate::agent
