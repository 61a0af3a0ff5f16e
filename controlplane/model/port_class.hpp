// SPDX-License-Identifier: Apache-2.0
// What a server's port says of a packet that was hit for a system.
#pragma once

#include <optional>

#include "controlplane/model/hits.hpp"
#include "controlplane/model/system.hpp"

namespace sweepgate {

/// A system's own port is never evasion.
[[nodiscard]] PortClass port_class_of(const System& system, std::uint8_t protocol,
                                      std::optional<std::uint16_t> server_port);

/// Errors: bad_input naming the word.
[[nodiscard]] Result<PortClass> parse_port_class(std::string_view text);

} // namespace sweepgate
