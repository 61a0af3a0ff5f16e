// SPDX-License-Identifier: Apache-2.0
// The name under which DNS keeps an address's own name.
#pragma once

#include <string>

#include "controlplane/model/address.hpp"

namespace sweepgate {

/// "1.2.0.192.in-addr.arpa"; 32 nibbles and "ip6.arpa". Source: RFC 1035 section 3.5, RFC 3596
/// section 2.5.
[[nodiscard]] std::string reverse_name(const Address& address);

} // namespace sweepgate
