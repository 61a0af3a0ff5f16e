// SPDX-License-Identifier: Apache-2.0
// DPDK's environment abstraction layer: started once a process, never twice.
#pragma once

#include <string>
#include <vector>

#include "controlplane/model/result.hpp"
#include "dataplane/gate/device.hpp"

namespace sweepgate::gate {

struct EalOptions {
    std::vector<unsigned> lcores; // empty: the last processor this process may run on
    bool hugepages = true;
    unsigned memory_mb = 256;
    std::string file_prefix; // empty: from the pid
};

/// The lcore ids that forward. Main is another one, which shares every processor we may use: the
/// control threads must not wait behind a polling loop, nor be pinned.
[[nodiscard]] Result<std::vector<unsigned>> forwarding_lcores(const std::vector<unsigned>& asked);

/// Arguments behind the program's name: no file of ours is left behind, no PCI
/// device is touched but the ones asked for.
[[nodiscard]] std::vector<std::string> make_eal_arguments(const EalOptions& options,
                                                          const std::vector<unsigned>& lcores,
                                                          const std::vector<Device>& devices);

/// Errors: conflict when EAL was started before; unavailable with EAL's words, hugepages named.
[[nodiscard]] Status start_eal(const std::vector<std::string>& arguments);

/// Errors: unavailable, saying how many there are and how to reserve them.
[[nodiscard]] Status check_hugepages(unsigned memory_mb);

} // namespace sweepgate::gate
