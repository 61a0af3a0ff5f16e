// SPDX-License-Identifier: Apache-2.0
// Commands for dpdk-telemetry.py, or anybody who may open EAL's socket (SOCK_SEQPACKET,
// dpdk_telemetry.v2 in EAL's runtime folder, which is its owner's alone):
//
//   /sweepgate/stats            packets by verdict and fate; of each port its link's state
//   /sweepgate/generation       what is in force since when, and how the last swap went
//   /sweepgate/tables           prefixes, bytes, systems, groups
//   /sweepgate/systems[,FROM]   40 systems with hits from number FROM on, with their port classes
//   /sweepgate/top[,N]          N combinations of client, system and port; 1..100, default 10
//   /sweepgate/lcores           packets by lcore
//
// Rows are objects named by their number. Whatever stands behind a comma is checked; what is no
// number in range is answered with null.
#pragma once

namespace sweepgate::gate {

class Gate;

/// DPDK cannot forget a command, so they stay until the process ends; without this they answer
/// null. One at a time.
class Telemetry {
public:
    /// EAL runs, with telemetry.
    explicit Telemetry(Gate& gate);
    Telemetry(const Telemetry&) = delete;
    Telemetry& operator=(const Telemetry&) = delete;
    /// Waits for a command that is being answered.
    ~Telemetry();
};

} // namespace sweepgate::gate
