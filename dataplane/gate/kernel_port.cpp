// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/kernel_port.hpp"

#include <bit>

#include "dataplane/gate/kernel_interface.hpp"
#include "dataplane/gate/port.hpp"

namespace sweepgate::gate {

namespace {

/// What a frame in an AF_PACKET ring has around it: tpacket2_hdr and sockaddr_ll in front,
/// aligned (linux/if_packet.h), Ethernet with two tags.
constexpr unsigned kRingOverhead = 66 + 14 + 8;
constexpr unsigned kPlainRingFrame = 2048; // the driver's default

void append(Device& device, const std::string& argument) {
    device.arguments += (device.arguments.empty() ? "" : ",") + argument;
}

} // namespace

Result<FittedDevice> fit_to_interface(Device device, unsigned mtu) {
    const KernelInterface interface(device.interface());
    FittedDevice fitted{std::move(device), std::nullopt};
    if (interface.name().empty()) return fitted;
    const auto found = interface.mtu();
    if (!found) return tl::unexpected(found.error());
    const auto in_force = mtu != 0 ? mtu : *found;
    if (in_force > kMostMtu)
        return fail(Errc::bad_input, "its MTU of " + std::to_string(in_force) + " is above " +
                                         std::to_string(kMostMtu) + "; set a lower one");
    auto lease = KernelLease::take(
        interface, fitted.device.is_af_xdp() ? KernelLease::By::af_xdp : KernelLease::By::af_packet,
        mtu);
    if (!lease) return tl::unexpected(lease.error());
    fitted.lease.emplace(std::move(*lease));
    auto& fit = fitted.device;
    const auto frame = std::bit_ceil(in_force + kRingOverhead);
    if (fit.is_af_packet() && frame > kPlainRingFrame && fit.argument("framesz").empty())
        append(fit, "framesz=" + std::to_string(frame) + ",blocksz=" + std::to_string(frame));
    if (fit.is_af_xdp() && fit.argument("queue_count").empty() &&
        fit.argument("start_queue").empty() && interface.channels() > 1)
        append(fit, "queue_count=" + std::to_string(interface.channels()));
    return fitted;
}

} // namespace sweepgate::gate
