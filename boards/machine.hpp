// SPDX-License-Identifier: Apache-2.0
// What a machine offers a gate, whatever board it is: processor, hugepages, network ports.
#pragma once

#include <vector>

#include "boards/preflight.hpp"

namespace sweepgate::boards {

/// SSE4.2 is what Debian's DPDK needs on x86-64; AVX2 and AVX-512 make the lookup faster.
[[nodiscard]] Finding processor(const SysPaths& paths = {});

/// Free hugepages of every size.
[[nodiscard]] Finding free_hugepages(const SysPaths& paths = {});

/// One finding "nic ..." for each PCI network device and for each other interface that has a
/// device behind it: its kernel driver, and the PMD that could drive it or AF_XDP otherwise.
[[nodiscard]] std::vector<Finding> network_ports(const SysPaths& paths = {});

} // namespace sweepgate::boards
