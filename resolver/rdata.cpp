// SPDX-License-Identifier: Apache-2.0
#include "resolver/rdata.hpp"

#include <algorithm>

namespace sweepgate::dns {

namespace {

constexpr std::size_t kUsualAnswers = 16; // room made at once

// RFC 9460 sections 7.3 and 14.3.2.
constexpr std::uint16_t kIpv4Hint = 4, kIpv6Hint = 6;

/// `octets` are as many as the family has.
void append(std::span<const std::uint8_t> octets, Family family, std::size_t room,
            std::vector<Address>& addresses) {
    Address address{family, 0};
    for (const auto octet : octets) address.value = address.value << 8U | octet;
    if (addresses.empty()) addresses.reserve(std::min(room, kUsualAnswers));
    addresses.push_back(address);
}

bool read_address(const Message& message, const Record& record, Family family, std::size_t answers,
                  Answer& answer) {
    if (record.rdata_size != width_bytes(family)) return false;
    append(message.slice(record.rdata, record.rdata_size), family, answers, answer.addresses);
    return true;
}

bool read_target(const Message& message, const Record& record, Answer& answer) {
    SrvTarget target;
    WireName name;
    std::size_t at = record.rdata;
    if (!message.read_u16(at, target.priority) || !message.read_u16(at, target.weight) ||
        !message.read_u16(at, target.port) || !message.read_name(at, name) ||
        at != record.rdata_end())
        return false;
    if (name.is_root()) return true; // RFC 2782: decidedly not offered
    target.name = name.text();
    answer.targets.push_back(std::move(target));
    return true;
}

bool read_pointer(const Message& message, const Record& record, Answer& answer) {
    WireName name;
    std::size_t at = record.rdata;
    if (!message.read_name(at, name) || at != record.rdata_end()) return false;
    SrvTarget target;
    target.name = name.text();
    answer.targets.push_back(std::move(target));
    return true;
}

bool read_hint(const Message& message, std::uint16_t key, std::size_t at, std::size_t size,
               Answer& answer) {
    if (key != kIpv4Hint && key != kIpv6Hint) return true;
    const auto family = key == kIpv4Hint ? Family::ipv4 : Family::ipv6;
    const auto each = width_bytes(family);
    if (size == 0 || size % each != 0) return false;
    for (std::size_t offset = 0; offset < size; offset += each)
        append(message.slice(at + offset, each), family, size / each, answer.hints);
    return true;
}

bool read_hints(const Message& message, const Record& record, Answer& answer) {
    std::uint16_t priority = 0;
    WireName target;
    std::size_t at = record.rdata;
    if (!message.read_u16(at, priority) || !message.read_name(at, target)) return false;
    int last_key = -1; // keys ascend strictly, or the record is malformed (RFC 9460 section 2.2)
    while (at < record.rdata_end()) {
        std::uint16_t key = 0;
        std::uint16_t size = 0;
        if (!message.read_u16(at, key) || !message.read_u16(at, size)) return false;
        if (key <= last_key || at > record.rdata_end() || size > record.rdata_end() - at)
            return false;
        if (priority != 0 && !read_hint(message, key, at, size, answer)) return false;
        last_key = key;
        at += size;
    }
    return at == record.rdata_end();
}

} // namespace

bool read_rdata(const Message& message, const Record& record, RrType type, std::size_t answers,
                Answer& answer) {
    switch (type) {
    case RrType::a: return read_address(message, record, Family::ipv4, answers, answer);
    case RrType::aaaa: return read_address(message, record, Family::ipv6, answers, answer);
    case RrType::srv: return read_target(message, record, answer);
    case RrType::ptr: return read_pointer(message, record, answer);
    case RrType::svcb: // one format (RFC 9460, section 9)
    case RrType::https: return read_hints(message, record, answer);
    default: return true;
    }
}

void read_extended_error(std::span<const std::uint8_t> payload,
                         std::optional<ExtendedError>& kept) {
    if (payload.size() < 2) return;
    const auto code = static_cast<std::uint16_t>(payload[0] << 8U | payload[1]);
    const auto weight = [](std::uint16_t of) { return is_filtered(of) ? 2 : is_stale(of) ? 1 : 0; };
    if (kept && weight(code) <= weight(kept->code)) return;
    auto text = payload.subspan(2, std::min(payload.size() - 2, kMostErrorText));
    while (!text.empty() && text.back() == 0) text = text.first(text.size() - 1);
    kept = ExtendedError{code, {text.begin(), text.end()}};
}

} // namespace sweepgate::dns
