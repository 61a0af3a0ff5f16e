// SPDX-License-Identifier: Apache-2.0
// Frames over the socket pair between the two halves: kind and length (32 bits each, host order),
// then the bytes. A length over the limit ends the channel: the other half is broken or hostile.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "controlplane/model/result.hpp"
#include "controlplane/wire/descriptor.hpp"

namespace sweepgate::agent {

/// What the network half asks of the apply half.
enum class Order : std::uint32_t {
    enforce_chain = 1, // a chain of sealed envelopes
    enforce_delta = 2, // one sealed delta on top of what is held
    probe = 3,         // an address: 4 or 16 bytes
    status = 4,        // nothing
    trust = 5,         // a list of signing keys
};

/// The answer's kind: 0 = done, otherwise 1 + Errc and the text.
struct Frame {
    std::uint32_t kind = 0;
    std::string bytes;
};

class Channel {
public:
    explicit Channel(wire::Descriptor socket) : socket_(std::move(socket)) {}
    static Result<std::pair<Channel, Channel>> make_pair();

    /// Errors: unavailable when the other half is gone, io.
    Status send(std::uint32_t kind, std::string_view bytes);
    /// Waits. Errors: unavailable at the end of the channel, bad_input over the limit, io.
    Result<Frame> receive();
    [[nodiscard]] int fd() const { return socket_.get(); }

private:
    Status write_all(std::string_view bytes);
    Status read_all(char* into, std::size_t size);
    wire::Descriptor socket_;
};

/// Flat values in a frame: fixed 64-bit numbers and length-led texts.
class FrameWriter {
public:
    FrameWriter& number(std::uint64_t value);
    FrameWriter& text(std::string_view value);
    std::string bytes;
};

/// Reading past the end gives zero and empty, and ok() is false from then on.
class FrameReader {
public:
    explicit FrameReader(std::string_view bytes) : rest_(bytes) {}
    std::uint64_t number();
    std::string text();
    /// A count that can still be there, each element having at least 8 bytes.
    std::size_t count();
    [[nodiscard]] bool ok() const { return ok_ && rest_.empty(); }

private:
    std::string_view take(std::size_t size);
    std::string_view rest_;
    bool ok_ = true;
};

} // namespace sweepgate::agent
