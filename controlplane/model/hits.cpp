// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/hits.hpp"

namespace sweepgate {

std::string_view to_string(PortClass port_class) {
    switch (port_class) {
    case PortClass::own: return "own";
    case PortClass::evasion: return "evasion";
    case PortClass::other: return "other";
    case PortClass::none: return "none";
    }
    return "unknown";
}

std::string_view to_string(TalkersBy by) {
    switch (by) {
    case TalkersBy::client: return "client";
    case TalkersBy::system: return "system";
    case TalkersBy::port: return "port";
    case TalkersBy::all: return "all";
    }
    return "unknown";
}

Result<TalkersBy> parse_talkers_by(std::string_view text) {
    for (const auto by : {TalkersBy::client, TalkersBy::system, TalkersBy::port, TalkersBy::all})
        if (to_string(by) == text) return by;
    return fail(Errc::bad_input,
                "'" + std::string(text.substr(0, 40)) + "' is none of client, system, port, all");
}

} // namespace sweepgate
