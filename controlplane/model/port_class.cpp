// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/port_class.hpp"

#include <algorithm>
#include <array>

namespace sweepgate {

namespace {

constexpr std::array<std::uint16_t, 5> kEvasionPorts{21, 25, 53, 80, 443};

} // namespace

PortClass port_class_of(const System& system, std::uint8_t protocol,
                        std::optional<std::uint16_t> server_port) {
    if (!server_port) return PortClass::none;
    if (system.uses(protocol, *server_port)) return PortClass::own;
    const bool known =
        std::find(kEvasionPorts.begin(), kEvasionPorts.end(), *server_port) != kEvasionPorts.end();
    return known ? PortClass::evasion : PortClass::other;
}

Result<PortClass> parse_port_class(std::string_view text) {
    for (const auto each : {PortClass::own, PortClass::evasion, PortClass::other, PortClass::none})
        if (to_string(each) == text) return each;
    return fail(Errc::bad_input,
                "'" + std::string(text.substr(0, 40)) + "' is none of own, evasion, other, none");
}

} // namespace sweepgate
