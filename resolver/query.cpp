// SPDX-License-Identifier: Apache-2.0
#include "resolver/query.hpp"

#include <algorithm>

#include "resolver/message.hpp"

namespace sweepgate::dns {

namespace {

constexpr unsigned kRecursionDesiredAndAd = 0x0120;
constexpr unsigned kClassIn = 1;
constexpr std::size_t kLongestLabel = 63;
constexpr unsigned kClientSubnetOption = 8; // RFC 7871 section 6

bool is_letter(unsigned octet) { return octet >= 'a' && octet <= 'z'; }

} // namespace

void QueryPacket::write(const Question& question, const Shape& shape, Entropy& entropy) {
    shape_ = shape;
    if (!shape_.edns) shape_.subnet.reset();
    size_ = 0;
    put_u16(static_cast<unsigned>(entropy.bits() & 0xFFFFU));
    put_u16(kRecursionDesiredAndAd);
    for (const unsigned count : {1U, 0U, 0U, shape_.edns ? 1U : 0U}) put_u16(count);
    if (!put_name(question.name, entropy)) {
        size_ = 0;
        return;
    }
    put_u16(static_cast<unsigned>(question.type));
    put_u16(kClassIn);
    if (shape_.edns) put_opt();
}

void QueryPacket::put_u16(unsigned value) {
    put_u8(value >> 8U);
    put_u8(value & 0xFFU);
}

bool QueryPacket::put_name(std::string_view name, Entropy& entropy) {
    if (name.size() + 2 > WireName::kLongest) return false;
    while (!name.empty()) {
        const auto label = name.substr(0, name.find('.'));
        if (label.empty() || label.size() > kLongestLabel) return false;
        put_label(label, entropy);
        name.remove_prefix(std::min(name.size(), label.size() + 1));
    }
    put_u8(0);
    name_end_ = size_;
    return true;
}

void QueryPacket::put_label(std::string_view label, Entropy& entropy) {
    put_u8(static_cast<unsigned>(label.size()));
    for (const char letter : label) {
        unsigned octet = static_cast<std::uint8_t>(letter);
        if (shape_.randomise_case && is_letter(octet)) {
            if (coins_left_ == 0) coins_ = entropy.bits();
            if (coins_left_ == 0) coins_left_ = 64;
            octet -= static_cast<unsigned>(coins_ & 1U) * ('a' - 'A');
            coins_ >>= 1U;
            --coins_left_;
        }
        put_u8(octet);
    }
}

// RFC 6891 section 6.1.2: root owner, type 41, our payload size, no flags, at most one option.
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
