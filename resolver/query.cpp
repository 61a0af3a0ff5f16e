// SPDX-License-Identifier: Apache-2.0
#include "resolver/query.hpp"

#include <algorithm>

#include "resolver/message.hpp"

namespace sweepgate::dns {

namespace {

constexpr unsigned kRecursionDesiredAndAd = 0x0120;
constexpr unsigned kClassIn = 1;
constexpr unsigned kClientSubnetOption = 8; // RFC 7871 section 6

bool is_letter(std::uint8_t octet) { return octet >= 'a' && octet <= 'z'; }

} // namespace

QueryPacket::QueryPacket(const Question& question, Shape shape, Entropy& entropy) : shape_(shape) {
    if (!shape_.edns) shape_.subnet.reset();
    const auto name = WireName::from_text(question.name);
    if (!name) return;
    put_u16(static_cast<unsigned>(entropy.bits() & 0xFFFFU));
    put_u16(kRecursionDesiredAndAd);
    for (const unsigned count : {1U, 0U, 0U, shape.edns ? 1U : 0U}) put_u16(count);
    put_name(name->octets(), entropy);
    put_u16(static_cast<unsigned>(question.type));
    put_u16(kClassIn);
    if (shape.edns) put_opt();
}

void QueryPacket::put_u16(unsigned value) {
    put_u8(value >> 8U);
    put_u8(value & 0xFFU);
}

void QueryPacket::put_name(std::span<const std::uint8_t> name, Entropy& entropy) {
    std::uint64_t coins = 0;
    unsigned left = 0;
    for (const auto octet : name) { // length octets are below 64, so no letter is one of them
        unsigned written = octet;
        if (shape_.randomise_case && is_letter(octet)) {
            if (left == 0) {
                coins = entropy.bits();
                left = 64;
            }
            if ((coins & 1U) != 0) written -= 'a' - 'A';
            coins >>= 1U;
            --left;
        }
        put_u8(written);
    }
    name_end_ = size_;
}

// RFC 6891 section 6.1.2: root owner, type 41, our payload size, no flags, at most one option.
// c-ares 1.18 cuts off the last 11 octets when a server says FORMERR, which is right without an
// option and leaves rubbish behind the question with one; the server says FORMERR again then.
void QueryPacket::put_opt() {
    put_u8(0);
    put_u16(static_cast<unsigned>(RrType::opt));
    put_u16(kEdnsPayload);
    for (int i = 0; i < 2; ++i) put_u16(0);
    if (!shape_.subnet) return put_u16(0);
    const auto option = shape_.subnet->octets();
    put_u16(static_cast<unsigned>(option.size()) + 4);
    put_u16(kClientSubnetOption);
    put_u16(static_cast<unsigned>(option.size()));
    for (const auto octet : option) put_u8(octet);
}

bool QueryPacket::is_echoed_by(std::span<const std::uint8_t> message) const {
    if (!shape_.randomise_case) return true;
    if (message.size() >= kHeaderSize && message[4] == 0 && message[5] == 0) return true;
    return message.size() >= name_end_ &&
           std::equal(octets_.begin() + kHeaderSize,
                      octets_.begin() + static_cast<std::ptrdiff_t>(name_end_),
                      message.begin() + kHeaderSize);
}

} // namespace sweepgate::dns
