// SPDX-License-Identifier: Apache-2.0
// DNS messages in one line: answer("www.example.com").a("www.example.com", 60, "192.0.2.1").
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "resolver/answer.hpp"

namespace sweepgate::test {

using Octets = std::vector<std::uint8_t>;

inline void put_u16(Octets& octets, unsigned value) {
    octets.push_back(static_cast<std::uint8_t>(value >> 8U));
    octets.push_back(static_cast<std::uint8_t>(value));
}

inline void put_u32(Octets& octets, std::uint32_t value) {
    put_u16(octets, value >> 16U);
    put_u16(octets, value & 0xFFFFU);
}

/// Labels between dots, any octets; letters keep their case.
inline void put_name(Octets& octets, std::string_view name) {
    while (!name.empty()) {
        const auto label = name.substr(0, name.find('.'));
        octets.push_back(static_cast<std::uint8_t>(label.size()));
        octets.insert(octets.end(), label.begin(), label.end());
        name.remove_prefix(std::min(name.size(), label.size() + 1));
    }
    octets.push_back(0);
}

inline Octets name_octets(std::string_view name) {
    Octets octets;
    put_name(octets, name);
    return octets;
}

inline Octets address_octets(std::string_view text) {
    const auto address = parse_address(text).value();
    const auto bytes = to_bytes(address);
    return {bytes.begin(), bytes.begin() + width_bytes(address.family)};
}

class AnswerMessage {
public:
    AnswerMessage(std::string_view name, RrType type, unsigned flags) {
        for (const unsigned field : {0x1234U, flags, 1U, 0U, 0U, 0U}) put_u16(octets_, field);
        put_name(octets_, name);
        put_u16(octets_, static_cast<unsigned>(type));
        put_u16(octets_, 1);
    }

    /// A record with an owner of its own; `section` 0 answer, 1 authority, 2 additional.
    AnswerMessage& record(const Octets& owner, unsigned type, std::uint32_t ttl,
                          const Octets& rdata, unsigned section = 0, unsigned rr_class = 1) {
        octets_.insert(octets_.end(), owner.begin(), owner.end());
        put_u16(octets_, type);
        put_u16(octets_, rr_class);
        put_u32(octets_, ttl);
        put_u16(octets_, static_cast<unsigned>(rdata.size()));
        octets_.insert(octets_.end(), rdata.begin(), rdata.end());
        ++octets_[7 + 2 * section];
        return *this;
    }
    AnswerMessage& a(std::string_view owner, std::uint32_t ttl, std::string_view address) {
        return record(name_octets(owner), 1, ttl, address_octets(address));
    }
    AnswerMessage& aaaa(std::string_view owner, std::uint32_t ttl, std::string_view address) {
        return record(name_octets(owner), 28, ttl, address_octets(address));
    }
    AnswerMessage& cname(std::string_view owner, std::uint32_t ttl, std::string_view target) {
        return record(name_octets(owner), 5, ttl, name_octets(target));
    }
    AnswerMessage& soa(std::string_view zone, std::uint32_t ttl, std::uint32_t minimum) {
        Octets rdata = name_octets("ns.example.com");
        put_name(rdata, "host.example.com");
        for (const std::uint32_t field : {1U, 7200U, 600U, 86400U, minimum}) put_u32(rdata, field);
        return record(name_octets(zone), 6, ttl, rdata, 1);
    }
    AnswerMessage& opt(unsigned upper_rcode = 0) {
        return record({0}, 41, upper_rcode << 24U, options_, 2, 1232);
    }
    /// Goes into the OPT record that follows.
    AnswerMessage& option(unsigned code, const Octets& payload) {
        put_u16(options_, code);
        put_u16(options_, static_cast<unsigned>(payload.size()));
        options_.insert(options_.end(), payload.begin(), payload.end());
        return *this;
    }
    /// RFC 8914: the code and a text.
    AnswerMessage& extended_error(unsigned code) {
        return option(15, {static_cast<std::uint8_t>(code >> 8U), static_cast<std::uint8_t>(code),
                           't', 'e', 'x', 't'});
    }

    [[nodiscard]] Octets& octets() { return octets_; }

private:
    Octets octets_;
    Octets options_;
};

inline constexpr unsigned kAnswerFlags = 0x8180; // QR, RD, RA

inline AnswerMessage answer(std::string_view name, RrType type = RrType::a,
                            unsigned flags = kAnswerFlags) {
    return {name, type, flags};
}

inline std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const auto& text : texts) all += (all.empty() ? "" : " ") + text;
    return all;
}

inline std::string joined(const std::vector<Address>& addresses) {
    std::vector<std::string> texts;
    for (const auto& address : addresses) texts.push_back(to_string(address));
    return joined(texts);
}

} // namespace sweepgate::test
