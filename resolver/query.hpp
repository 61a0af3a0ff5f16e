// SPDX-License-Identifier: Apache-2.0
// One question as a packet. Written by us and not by c-ares, so that id and case are ours and
// the AD bit asks for the resolver's word on DNSSEC (RFC 6840 section 5.7).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "resolver/answer.hpp"
#include "resolver/entropy.hpp"
#include "resolver/vantage.hpp"

namespace sweepgate::dns {

inline constexpr std::uint16_t kEdnsPayload = 1232; // octets: DNS flag day 2020, no fragments

class QueryPacket {
public:
    struct Shape {
        bool randomise_case = true;
        bool edns = true;
        std::optional<ClientSubnet> subnet = {}; // goes into the OPT record, so only with EDNS
    };

    QueryPacket() {} // NOLINT: `= default` would let QueryPacket{} zero what is not read
    QueryPacket(const Question& question, const Shape& shape, Entropy& entropy) {
        write(question, shape, entropy);
    }
    /// Empty when the name cannot be written (not canonical_name()).
    void write(const Question& question, const Shape& shape, Entropy& entropy);

    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] bool has_edns() const { return shape_.edns; }
    /// The client subnet it carries, if any.
    [[nodiscard]] const std::optional<ClientSubnet>& subnet() const { return shape_.subnet; }
    [[nodiscard]] std::span<const std::uint8_t> octets() const {
        return std::span(octets_).first(size_);
    }
    /// `message` repeats our question octet by octet, letter case included (0x20). True for a
    /// packet whose case was not randomised and for a message without question.
    [[nodiscard]] bool is_echoed_by(std::span<const std::uint8_t> message) const;

private:
    void put_u8(unsigned value) { octets_[size_++] = static_cast<std::uint8_t>(value); }
    void put_u16(unsigned value);
    void put_opt();
    [[nodiscard]] bool put_name(std::string_view name, Entropy& entropy);
    void put_label(std::string_view label, Entropy& entropy);

    static constexpr std::size_t kMostOctets = 12 + 255 + 4 + 11 + 15; // the last: a /56

    std::array<std::uint8_t, kMostOctets> octets_; // the first size_ of them are set
    std::size_t size_ = 0;
    std::size_t name_end_ = 0;
    std::uint64_t coins_ = 0; // heads: upper case
    unsigned coins_left_ = 0;
    Shape shape_;
};

} // namespace sweepgate::dns
