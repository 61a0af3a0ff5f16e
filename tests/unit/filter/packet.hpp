// SPDX-License-Identifier: Apache-2.0
// Frames built in one line: packet().vlan(7).ipv4("192.0.2.1", "203.0.113.9").udp(40000, 53).
// Layers are appended in the order in which they stand on the wire; lengths are filled in when
// the bytes are taken. Knows nothing of the parser it is used to test.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "controlplane/model/address.hpp"

namespace sweepgate::filter {

class PacketBuilder {
public:
    PacketBuilder() { // documentation MACs (RFC 7042, 2.1.2)
        bytes_ = {0x00, 0x00, 0x5E, 0x00, 0x53, 0x01, 0x00, 0x00, 0x5E, 0x00, 0x53, 0x02};
    }

    PacketBuilder& vlan(std::uint16_t id) { return tag(0x8100, id); }
    PacketBuilder& tag(std::uint16_t type, std::uint16_t id) { return put16(type).put16(id); }
    PacketBuilder& ether(std::uint16_t type) { return put16(type); }
    PacketBuilder& raw(const std::vector<std::uint8_t>& more) {
        bytes_.insert(bytes_.end(), more.begin(), more.end());
        return *this;
    }

    /// `fragment` is the 16-bit field: flags and offset. `options` are whole 32-bit words.
    PacketBuilder& ipv4(std::string_view source, std::string_view destination,
                        std::uint16_t fragment = 0, std::size_t options = 0) {
        put16(0x0800);
        network_ = bytes_.size();
        is_ipv4_ = true;
        put8(static_cast<std::uint8_t>(0x45U + options)).put8(0).put16(0).put16(1);
        put16(fragment).put8(64).put8(0xFD).put16(0); // 253: experimental (RFC 3692)
        next_ = network_ + 9;
        address(source).address(destination);
        return raw(std::vector<std::uint8_t>(options * 4, 1)); // no operation (RFC 791, 3.1)
    }
    PacketBuilder& ipv6(std::string_view source, std::string_view destination) {
        put16(0x86DD);
        network_ = bytes_.size();
        is_ipv4_ = false;
        put16(0x6000).put16(0).put16(0).put8(59).put8(64); // 59: no next header
        next_ = network_ + 6;
        return address(source).address(destination);
    }
    /// Hop-by-hop (0), routing (43) or destination options (60), of `words` eight bytes.
    PacketBuilder& extension(std::uint8_t type, std::uint8_t words = 1) {
        chain(type).put8(59).put8(static_cast<std::uint8_t>(words - 1));
        return raw(std::vector<std::uint8_t>(words * 8U - 2));
    }
    /// `field` is the 13-bit offset, two reserved bits and M.
    PacketBuilder& fragment(std::uint16_t field) {
        return chain(44).put8(59).put8(0).put16(field).put16(0).put16(7);
    }
    PacketBuilder& tcp(std::uint16_t source, std::uint16_t destination, std::uint8_t flags = 0x02,
                       std::uint32_t sequence = 1000, std::uint32_t acknowledgement = 0) {
        chain(6).put16(source).put16(destination);
        put32(sequence).put32(acknowledgement);
        return put8(0x50).put8(flags).put16(512).put16(0).put16(0);
    }
    PacketBuilder& udp(std::uint16_t source, std::uint16_t destination) {
        return chain(17).put16(source).put16(destination).put16(8).put16(0);
    }
    PacketBuilder& sctp(std::uint16_t source, std::uint16_t destination) {
        return chain(132).put16(source).put16(destination).put32(0).put32(0);
    }
    PacketBuilder& icmp(std::uint8_t type) {
        return chain(is_ipv4_ ? 1 : 58).put8(type).put8(0).put16(0).put32(0);
    }
    PacketBuilder& protocol(std::uint8_t number) { return chain(number); }

    /// With the IP length filled in. Padding appended afterwards lies outside the datagram.
    [[nodiscard]] std::vector<std::uint8_t> bytes() const {
        auto frame = bytes_;
        if (network_ == 0) return frame;
        const auto length = frame.size() - network_ - (is_ipv4_ ? 0 : 40);
        const auto field = network_ + (is_ipv4_ ? 2 : 4);
        frame[field] = static_cast<std::uint8_t>(length >> 8U);
        frame[field + 1] = static_cast<std::uint8_t>(length);
        return frame;
    }
    [[nodiscard]] std::vector<std::uint8_t> padded(std::size_t size) const {
        auto frame = bytes();
        if (frame.size() < size) frame.resize(size, 0xEE);
        return frame;
    }

private:
    PacketBuilder& put8(std::uint8_t value) {
        bytes_.push_back(value);
        return *this;
    }
    PacketBuilder& put16(unsigned value) {
        return put8(static_cast<std::uint8_t>(value >> 8U)).put8(static_cast<std::uint8_t>(value));
    }
    PacketBuilder& put32(std::uint32_t value) {
        return put16(value >> 16U & 0xFFFFU).put16(value & 0xFFFFU);
    }
    PacketBuilder& address(std::string_view text) {
        const auto address = parse_address(text).value();
        const auto wire = to_bytes(address);
        bytes_.insert(bytes_.end(), wire.begin(), wire.begin() + width_bytes(address.family));
        return *this;
    }
    /// Names what comes next in the header before it.
    PacketBuilder& chain(std::uint8_t type) {
        bytes_[next_] = type;
        if (!is_ipv4_) next_ = bytes_.size();
        return *this;
    }

    std::vector<std::uint8_t> bytes_;
    std::size_t network_ = 0;
    std::size_t next_ = 0;
    bool is_ipv4_ = true;
};

inline PacketBuilder packet() { return {}; }

} // namespace sweepgate::filter
