// SPDX-License-Identifier: Apache-2.0
// What a kernel interface asks of the DPDK driver on it.
#pragma once

#include <optional>

#include "dataplane/gate/device.hpp"
#include "dataplane/gate/kernel_lease.hpp"

namespace sweepgate::gate {

struct FittedDevice {
    Device device;
    std::optional<KernelLease> lease; // of its interface, if it has one
};

/// The device with arguments that fit its interface; other devices come back as they are. What
/// the operator wrote himself (framesz, queue_count, start_queue) stays.
///   af_packet  frames of the ring large enough for the MTU: the kernel cuts off what is longer
///   af_xdp     all queues of the NIC: the kernel keeps for itself what arrives on others
///   lease      the interface hands up whole frames as long as it is held
///   mtu        to be set first; 0: as it is
///   errors     io with the kernel's words; bad_input for an MTU above kMostMtu
[[nodiscard]] Result<FittedDevice> fit_to_interface(Device device, unsigned mtu);

} // namespace sweepgate::gate
