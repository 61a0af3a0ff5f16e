// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/system.hpp"

#include <algorithm>
#include <array>

namespace sweepgate {

namespace {

/// [code]; what has none is no action.
constexpr std::array kActions{Action{0},      Action::pass, Action::monitor,
                              Action::reject, Action::drop, Action::limit};

} // namespace

std::uint8_t code_of(Action action) {
    const auto found = std::find(kActions.begin(), kActions.end(), action);
    return found == kActions.end() ? std::uint8_t{0}
                                   : static_cast<std::uint8_t>(found - kActions.begin());
}

Action action_of(std::uint8_t code) {
    return code < kActions.size() ? kActions.at(code) : Action{0};
}

std::string_view to_string(Action action) {
    switch (action) {
    case Action::pass: return "pass";
    case Action::monitor: return "monitor";
    case Action::limit: return "limit";
    case Action::reject: return "reject";
    case Action::drop: return "drop";
    }
    return "unknown";
}

std::string_view to_string(Transport transport) {
    switch (transport) {
    case Transport::tcp: return "tcp";
    case Transport::udp: return "udp";
    case Transport::sctp: return "sctp";
    }
    return "unknown";
}

bool System::uses(std::uint8_t protocol, std::uint16_t port) const {
    return std::any_of(ports.begin(), ports.end(),
                       [&](const PortRange& range) { return range.contains(protocol, port); });
}

bool is_system_id(std::string_view id) {
    const auto is_id_character = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    return !id.empty() && id.size() <= 32 && std::all_of(id.begin(), id.end(), is_id_character);
}

} // namespace sweepgate
