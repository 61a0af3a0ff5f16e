// SPDX-License-Identifier: Apache-2.0
// The name servers of this machine, of resolv.conf(5). Never read by c-ares' own reader of that
// file (CVE-2024-25629).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sweepgate {

struct SystemResolvers {
    std::vector<std::string> servers; // as parse_endpoint() takes them, in order, each once
    /// What of the file is not made use of, by line and word, and why; also of a server that is
    /// taken, but has no way there now.
    std::vector<std::string> told;
};

/// The "nameserver" lines of the first 64 KiB, at most 32 of them.
[[nodiscard]] SystemResolvers system_resolvers(const std::string& path = "/etc/resolv.conf");

} // namespace sweepgate
