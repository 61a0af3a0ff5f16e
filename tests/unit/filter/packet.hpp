// SPDX-License-Identifier: Apache-2.0
// Frames built in one line: packet().vlan(7).ipv4("192.0.2.1", "203.0.113.9").udp(40000, 53).
// Layers are appended in the order in which they stand on the wire, and each names itself in the
// one before: an IP header behind an IP header is a tunnel, behind gre() or pppoe() its payload.
// Lengths are filled in when the bytes are taken. Knows nothing of the parser it is used to test.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "controlplane/model/address.hpp"

namespace sweepgate::filter {

class PacketBuilder {
public:
    PacketBuilder() { macs(); }

    PacketBuilder& vlan(std::uint16_t id) { return tag(0x8100, id); }
    PacketBuilder& tag(std::uint16_t type, std::uint16_t id) { return put16(type).put16(id); }
    PacketBuilder& ether(std::uint16_t type) { return put16(type); }
    PacketBuilder& raw(const std::vector<std::uint8_t>& more) {
        bytes_.insert(bytes_.end(), more.begin(), more.end());
        return *this;
    }

    /// RFC 3032: a stack of so many labels. What follows is not named.
    PacketBuilder& mpls(unsigned labels = 1, std::uint16_t type = 0x8847) {
        put16(type);
        for (; labels > 0; --labels) put32(labels << 12U | (labels == 1 ? 0x140U : 0x40U));
        named_by_ = NamedBy::nothing;
        return *this;
    }
    /// RFC 2516. `compressed`: PPP's protocol number in one byte (RFC 1661, 6.5).
    PacketBuilder& pppoe(std::uint16_t session = 0x2516, bool compressed = false) {
        put16(0x8864).put8(0x11).put8(0).put16(session);
        lengths_.push_back({bytes_.size(), bytes_.size() + 2});
        put16(0);
        named_by_ = compressed ? NamedBy::short_ppp : NamedBy::ppp;
        return *this;
    }

    /// `fragment` is the 16-bit field: flags and offset. `options` are whole 32-bit words.
    PacketBuilder& ipv4(std::string_view source, std::string_view destination,
                        std::uint16_t fragment = 0, std::size_t options = 0) {
        name(0x0800, 0x21, 4);
        const auto network = bytes_.size();
        is_ipv4_ = true;
        lengths_.push_back({network + 2, network});
        put8(static_cast<std::uint8_t>(0x45U + options)).put8(0).put16(0).put16(1);
        put16(fragment).put8(64).put8(0xFD).put16(0); // 253: experimental (RFC 3692)
        next_ = network + 9;
        address(source).address(destination);
        return raw(std::vector<std::uint8_t>(options * 4, 1)); // no operation (RFC 791, 3.1)
    }
    PacketBuilder& ipv6(std::string_view source, std::string_view destination) {
        name(0x86DD, 0x57, 41);
        const auto network = bytes_.size();
        is_ipv4_ = false;
        lengths_.push_back({network + 4, network + 40});
        put16(0x6000).put16(0).put16(0).put8(59).put8(64); // 59: no next header
        next_ = network + 6;
        return address(source).address(destination);
    }
    /// Hop-by-hop (0), routing (43) or destination options (60), of `words` eight bytes.
    PacketBuilder& extension(std::uint8_t type, std::uint8_t words = 1) {
        chain(type).put8(59).put8(static_cast<std::uint8_t>(words - 1));
        return raw(std::vector<std::uint8_t>(words * 8U - 2));
    }
    /// RFC 4302, 2: an authentication header of `words` four bytes, 3 at least.
    PacketBuilder& authentication(std::uint8_t words) {
        chain(51).put8(59).put8(static_cast<std::uint8_t>(words - 2));
        return raw(std::vector<std::uint8_t>(words * 4U - 2, 0xA5));
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
        chain(17).put16(source).put16(destination);
        lengths_.push_back({bytes_.size(), bytes_.size() - 4});
        return put16(0).put16(0);
    }
    PacketBuilder& sctp(std::uint16_t source, std::uint16_t destination) {
        return chain(132).put16(source).put16(destination).put32(0).put32(0);
    }
    PacketBuilder& icmp(std::uint8_t type) {
        return chain(is_ipv4_ ? 1 : 58).put8(type).put8(0).put16(0).put32(0);
    }
    /// An error; what it quotes follows, as an IP header.
    PacketBuilder& icmp_about(std::uint8_t type) {
        icmp(type);
        named_by_ = NamedBy::nothing;
        return *this;
    }
    PacketBuilder& protocol(std::uint8_t number) { return chain(number); }

    /// RFC 2784 and 2890: the flags C (0x8000), K (0x2000) and S (0x1000) bring four bytes each.
    /// Say ether(), ethernet() or an IP header next.
    PacketBuilder& gre(std::uint16_t flags = 0) {
        chain(47).put16(flags);
        behind_type_ = 0;
        for (const unsigned flag : {0x8000U, 0x4000U, 0x2000U, 0x1000U})
            if ((flags & flag) != 0) behind_type_ += 4;
        named_by_ = NamedBy::gre;
        return *this;
    }
    /// A frame of its own inside GRE.
    PacketBuilder& ethernet() {
        name(0x6558, 0, 0);
        return macs();
    }
    /// RFC 7348; a frame of its own follows.
    PacketBuilder& vxlan(std::uint16_t port = 4789, std::uint8_t flags = 0x08) {
        udp(49152, port).put8(flags).put8(0).put16(0).put32(0x00123400);
        return macs();
    }

    /// With the lengths filled in. Padding appended afterwards lies outside the datagram.
    [[nodiscard]] std::vector<std::uint8_t> bytes() const {
        auto frame = bytes_;
        for (const auto& length : lengths_) {
            const auto value = frame.size() - length.from;
            frame[length.at] = static_cast<std::uint8_t>(value >> 8U);
            frame[length.at + 1] = static_cast<std::uint8_t>(value);
        }
        return frame;
    }
    [[nodiscard]] std::vector<std::uint8_t> padded(std::size_t size) const {
        auto frame = bytes();
        if (frame.size() < size) frame.resize(size, 0xEE);
        return frame;
    }

private:
    /// How the layer before says what comes next.
    enum class NamedBy : std::uint8_t { type, gre, ppp, short_ppp, protocol, nothing };

    /// A length field, and the offset from which it counts to the end of the frame.
    struct Length {
        std::size_t at;
        std::size_t from;
    };

    PacketBuilder& macs() { // documentation MACs (RFC 7042, 2.1.2)
        named_by_ = NamedBy::type;
        return raw({0x00, 0x00, 0x5E, 0x00, 0x53, 0x01, 0x00, 0x00, 0x5E, 0x00, 0x53, 0x02});
    }
    void name(std::uint16_t type, std::uint8_t ppp, std::uint8_t protocol) {
        switch (named_by_) {
        case NamedBy::type: put16(type); break;
        case NamedBy::gre: put16(type).raw(std::vector<std::uint8_t>(behind_type_)); break;
        case NamedBy::ppp: put16(ppp); break;
        case NamedBy::short_ppp: put8(ppp); break;
        case NamedBy::protocol: chain(protocol); break;
        case NamedBy::nothing: break;
        }
        named_by_ = NamedBy::protocol;
    }
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
    std::vector<Length> lengths_;
    std::size_t next_ = 0;
    std::size_t behind_type_ = 0;
    bool is_ipv4_ = true;
    NamedBy named_by_ = NamedBy::type;
};

inline PacketBuilder packet() { return {}; }

} // namespace sweepgate::filter
