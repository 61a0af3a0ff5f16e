// SPDX-License-Identifier: Apache-2.0
#include "resolver/upstream.hpp"

#include <algorithm>
#include <charconv>

namespace sweepgate::dns {

namespace {

Result<std::uint16_t> parse_port(std::string_view text, std::string_view shown) {
    unsigned port = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (fault != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535)
        return fail(Errc::bad_input, "server '" + std::string(shown) + "': port '" +
                                         std::string(text) + "' is not within 1..65535");
    return static_cast<std::uint16_t>(port);
}

struct Parts {
    std::string_view address;
    std::string_view port; // may be empty
};

// A bare IPv6 address has more than one colon and no brackets.
Parts split(std::string_view text) {
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return {text, {}};
        const auto rest = text.substr(end + 1);
        if (rest.empty()) return {text.substr(1, end - 1), {}};
        return rest.starts_with(':') && rest.size() > 1
                   ? Parts{text.substr(1, end - 1), rest.substr(1)}
                   : Parts{text, {}};
    }
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos ||
        colon + 1 == text.size())
        return {text, {}};
    return {text.substr(0, colon), text.substr(colon + 1)};
}

} // namespace

Result<Endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port) {
    const auto parts = split(text);
    auto address = parse_address(parts.address);
    if (!address) return within("server", address.error());
    if (parts.port.empty()) return Endpoint{*address, default_port};
    const auto port = parse_port(parts.port, text);
    if (!port) return tl::unexpected(port.error());
    return Endpoint{*address, *port};
}

std::string to_string(const Endpoint& endpoint) {
    const auto address = to_string(endpoint.address);
    const auto port = ":" + std::to_string(endpoint.port);
    return endpoint.address.family == Family::ipv4 ? address + port : "[" + address + "]" + port;
}

Upstream::Upstream(const Endpoint& endpoint, Pacer::Bounds bounds)
    : endpoint_(endpoint), name_(to_string(endpoint)), pacer_(bounds) {}

void Upstream::begin(Clock::time_point now) {
    heard_at_ = now;
    probe_at_ = now;
    spell_began_ = now;
    answered_in_spell_ = failed_in_spell_ = 0;
}

void Upstream::heard(Clock::time_point now) {
    failures_ = 0;
    heard_at_ = now;
    probe_at_ = now; // should it fall silent again, it is probed at once
    ++answered_in_spell_;
}

void Upstream::took(std::chrono::microseconds rtt) {
    rtt_ = rtt_.count() == 0 ? rtt : rtt_ + (rtt - rtt_) / 8;
}

void Upstream::failed(Clock::time_point sent, Clock::time_point now) {
    if (sent >= heard_at_) failures_ = std::min(failures_ + 1, kDeadAfter);
    ++failed_in_spell_;
    if (now - spell_began_ >= kBadSpell) end_spell(now);
}

void Upstream::end_spell(Clock::time_point now) {
    if (failed_in_spell_ > answered_in_spell_ &&
        failed_in_spell_ + answered_in_spell_ >= kFewestInSpell)
        failures_ = kDeadAfter;
    spell_began_ = now;
    answered_in_spell_ = failed_in_spell_ = 0;
}

bool Upstream::wants_probe(Clock::time_point now) {
    if (!is_dead() || now < probe_at_) return false;
    probe_at_ = now + kProbeEvery;
    return true;
}

void Upstream::answered_plain_case(Clock::time_point now) {
    if (++plain_cases_ < kCannotAfter) return;
    plain_cases_ = 0;
    pin_no_case(now);
}

void Upstream::saw_edns(bool present, Clock::time_point now) {
    if (present) {
        proved_until_ = now + kPinned;
        edns_failures_ = without_edns_ = 0;
        plain_since_.reset();
    } else if (++without_edns_ >= kCannotAfter) {
        pin_no_edns(now);
    }
}

// What was sent before it was known to live says nothing: it may just have come back.
void Upstream::failed_edns(Clock::time_point sent, Clock::time_point now) {
    if (!plain_since_ || sent < *plain_since_ || proved_edns(now)) return;
    if (++edns_failures_ >= kCannotAfter) pin_no_edns(now);
}

void Upstream::answered_without_edns(Clock::time_point now) {
    if (!plain_since_) plain_since_ = now;
}

void Upstream::pin_no_edns(Clock::time_point now) {
    no_edns_until_ = now + kPinned;
    edns_failures_ = without_edns_ = 0;
    plain_since_.reset();
}

} // namespace sweepgate::dns
