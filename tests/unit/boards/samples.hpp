// SPDX-License-Identifier: Apache-2.0
// A board file with one of everything; tests replace a piece of it.
#pragma once

#include <string>

inline const std::string kGoodBoard = R"(id = "two"
name = "Two pairs"
management = ["eth0"]
on_failure = "bypass"

[cpu]
main_lcore = 3
lcores = [1, 2]

[memory]
hugepages = 128
memory_mb = 200

[[pair]]
inside = { name = "lan0", device = "0000:02:00.0", pmd = "net_igc", bind = "vfio-pci" }
outside = { name = "wan0", device = "0000:01:00.0", pmd = "net_igc", bind = "vfio-pci" }
[[pair]]
inside = { name = "lan1", device = "eth1", pmd = "net_af_xdp" }
outside = { name = "wan1", device = "eth2", pmd = "net_af_xdp", arguments = "start_queue=0" }
)";

/// `text` with the first `part` replaced; the whole text when it is not there, so that a test
/// that means to break the file fails.
inline std::string replaced(std::string text, const std::string& part,
                            const std::string& replacement) {
    const auto at = text.find(part);
    return at == std::string::npos ? text : text.replace(at, part.size(), replacement);
}
