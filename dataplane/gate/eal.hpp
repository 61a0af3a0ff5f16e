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

/// The lcore ids that forward. Main is another one, on all processors that we may use and that do
/// not forward: beside a polling loop a control thread has half a processor, an update takes twice
/// as long, and meanwhile that lcore's packets wait. Where every processor forwards, on all.
[[nodiscard]] Result<std::vector<unsigned>> forwarding_lcores(const std::vector<unsigned>& asked);

/// Arguments behind the program's name: EAL keeps its state in memory, not in files, and touches
/// no PCI device but the ones asked for.
[[nodiscard]] std::vector<std::string> make_eal_arguments(const EalOptions& options,
                                                          const std::vector<unsigned>& lcores,
                                                          const std::vector<Device>& devices);

/// EAL while it runs. Its end, and a start that fails, remove the folder that EAL made for itself
/// ($RUNTIME_DIRECTORY/dpdk/PREFIX; without the variable below /var/run for root, else below
/// $XDG_RUNTIME_DIR or /tmp); with telemetry its socket keeps it until the process ends. Only
/// SIGKILL leaves it. Ports and pools die before.
class Environment {
public:
    /// Errors: conflict when EAL was started before; unavailable with EAL's words.
    [[nodiscard]] static Result<Environment> start(const std::vector<std::string>& arguments);
    Environment(Environment&& other) noexcept;
    Environment& operator=(Environment&&) = delete;
    ~Environment();

private:
    Environment() = default;
    bool running_ = true;
};

/// Errors: unavailable, saying how many there are and how to reserve them.
[[nodiscard]] Status check_hugepages(unsigned memory_mb);

} // namespace sweepgate::gate
