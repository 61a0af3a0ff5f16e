// SPDX-License-Identifier: Apache-2.0
#include "resolver/message.hpp"

#include <algorithm>
#include <cstring>

namespace sweepgate::dns {

namespace {

constexpr unsigned kMostPointers = 64;
constexpr std::size_t kLongestLabel = 63;
constexpr unsigned kPointerMark = 0xC0;

constexpr auto kLower = [] {
    std::array<std::uint8_t, 256> lower{};
    for (std::size_t octet = 0; octet < lower.size(); ++octet)
        lower[octet] =
            static_cast<std::uint8_t>(octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet);
    return lower;
}();

void append_escaped(std::string& text, std::uint8_t octet) {
    if (octet == '.' || octet == '\\') {
        text += '\\';
    } else if (octet <= 0x20 || octet >= 0x7f) {
        text += '\\';
        text += static_cast<char>('0' + octet / 100);
        text += static_cast<char>('0' + octet / 10 % 10);
        text += static_cast<char>('0' + octet % 10);
        return;
    }
    text += static_cast<char>(octet);
}

} // namespace

std::optional<WireName> WireName::from_text(std::string_view text) {
    WireName name;
    while (!text.empty()) {
        const auto label = text.substr(0, text.find('.'));
        std::array<std::uint8_t, kLongestLabel> octets{};
        if (label.empty() || label.size() > octets.size()) return std::nullopt;
        std::memcpy(octets.data(), label.data(), label.size());
        if (!name.append(std::span(octets).first(label.size()))) return std::nullopt;
        text.remove_prefix(std::min(text.size(), label.size() + 1));
    }
    if (!name.append({})) return std::nullopt;
    return name;
}

bool WireName::append(std::span<const std::uint8_t> label) {
    if (size_ + 1 + label.size() > kLongest) return false;
    auto* to = octets_.data() + size_;
    *to++ = static_cast<std::uint8_t>(label.size());
    for (const auto octet : label) *to++ = kLower[octet];
    size_ += 1 + label.size();
    return true;
}

std::string WireName::text() const {
    std::string text;
    text.reserve(size_);
    for (std::size_t at = 0; at < size_ && octets_[at] != 0;) {
        const std::size_t length = octets_[at++];
        if (!text.empty()) text += '.';
        for (const auto octet : std::span(octets_).subspan(at, length)) append_escaped(text, octet);
        at += length;
    }
    return text;
}

bool WireName::is_within(const WireName& ancestor) const {
    for (std::size_t at = 0; at < size_; at += octets_[at] + std::size_t{1})
        if (std::ranges::equal(octets().subspan(at), ancestor.octets())) return true;
    return false;
}

bool operator==(const WireName& left, const WireName& right) {
    return left.size_ == right.size_ &&
           std::memcmp(left.octets_.data(), right.octets_.data(), left.size_) == 0;
}

bool Message::read_u8(std::size_t& at, std::uint8_t& value) const {
    if (at >= octets_.size()) return false;
    value = octets_[at++];
    return true;
}

bool Message::read_u16(std::size_t& at, std::uint16_t& value) const {
    if (octets_.size() < 2 || at > octets_.size() - 2) return false;
    value = static_cast<std::uint16_t>(octets_[at] << 8U | octets_[at + 1]);
    at += 2;
    return true;
}

bool Message::read_u32(std::size_t& at, std::uint32_t& value) const {
    std::uint16_t high = 0;
    std::uint16_t low = 0;
    if (!read_u16(at, high) || !read_u16(at, low)) return false;
    value = static_cast<std::uint32_t>(high) << 16U | low;
    return true;
}

// Every pointer must lead to before the place where this run of labels began ("a prior
// occurrence", RFC 1035 section 4.1.4), so a loop cannot exist; the cap bounds the ladder.
bool Message::read_name(std::size_t& at, WireName& name) const {
    name.clear();
    std::size_t here = at;
    std::size_t run_began = at;
    unsigned pointers = 0;
    for (;;) {
        std::uint8_t length = 0;
        if (!read_u8(here, length)) return false;
        if ((length & kPointerMark) == kPointerMark) {
            std::uint8_t low = 0;
            if (!read_u8(here, low) || ++pointers > kMostPointers) return false;
            if (pointers == 1) at = here;
            here = (length & ~kPointerMark & 0xFFU) << 8U | low;
            if (here >= run_began) return false;
            run_began = here;
            continue;
        }
        if (length > kLongestLabel || length > octets_.size() - here) return false;
        if (!name.append(octets_.subspan(here, length))) return false;
        here += length;
        if (length == 0) break;
    }
    if (pointers == 0) at = here;
    return true;
}

bool Message::skip_name(std::size_t& at) const {
    for (std::uint8_t length = 0; read_u8(at, length);) {
        if (length == 0) return true;
        if ((length & kPointerMark) == kPointerMark) return read_u8(at, length);
        if (length > kLongestLabel || length > octets_.size() - at) return false;
        at += length;
    }
    return false;
}

std::size_t Message::first_label(std::size_t at) const {
    for (unsigned pointers = 0; pointers < kMostPointers; ++pointers) {
        auto low = at;
        std::uint16_t both = 0;
        if (!read_u16(low, both) || (both >> 8U & kPointerMark) != kPointerMark) break;
        if ((both & 0x3FFFU) >= at) break; // forward: read_name() will refuse it
        at = both & 0x3FFFU;
    }
    return at;
}

bool Message::read_this_name(std::size_t& at, std::string_view text) const {
    const auto begin = at;
    for (std::uint8_t length = 0; read_u8(at, length) && length <= kLongestLabel;) {
        if (at + length - begin > WireName::kLongest || length > octets_.size() - at) return false;
        if (length == 0) return text.empty();
        if (text.size() < length || (text.size() > length && text[length] != '.')) return false;
        for (std::size_t i = 0; i < length; ++i)
            if (kLower[octets_[at + i]] != kLower[static_cast<std::uint8_t>(text[i])]) return false;
        at += length;
        text.remove_prefix(std::min(text.size(), length + std::size_t{1}));
    }
    return false;
}

bool Message::read_record(std::size_t& at, Record& record) const {
    constexpr std::size_t kFixed = 10; // octets between owner and rdata
    record.owner = at;
    if (!skip_name(at) || octets_.size() - at < kFixed) return false;
    const auto octet = [fixed = octets_.data() + at](unsigned i) -> unsigned { return fixed[i]; };
    record.type = static_cast<std::uint16_t>(octet(0) << 8U | octet(1));
    record.rr_class = static_cast<std::uint16_t>(octet(2) << 8U | octet(3));
    record.ttl = octet(4) << 24U | octet(5) << 16U | octet(6) << 8U | octet(7);
    record.rdata = at + kFixed;
    record.rdata_size = octet(8) << 8U | octet(9);
    if (record.rdata_size > octets_.size() - record.rdata) return false;
    at = record.rdata_end();
    return true;
}

} // namespace sweepgate::dns
