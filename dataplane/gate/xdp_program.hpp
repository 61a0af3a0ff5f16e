// SPDX-License-Identifier: Apache-2.0
// Two small XDP programs that make a kernel interface hand up frames as they are on a wire.
#pragma once

#include "controlplane/model/result.hpp"
#include "dataplane/gate/kernel_interface.hpp"

namespace sweepgate::gate {

/// A descriptor that closes itself.
class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept;
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();
    [[nodiscard]] int get() const { return number_; }
    [[nodiscard]] explicit operator bool() const { return number_ >= 0; }

private:
    int number_;
};

/// Passes everything. While it hangs in a veth, the kernel gives the other end no packets above
/// the MTU to send (drivers/net/veth.c, veth_fix_features), whatever that end's own settings: they
/// are cut where they are made, with the sender's own segment size, which nobody knows later.
/// It goes with the descriptor, so with this process, however that ends.
///   errors  unavailable, with the kernel's words; another program may hang there already
[[nodiscard]] Result<Descriptor> attach_pass(const KernelInterface& interface);

/// Takes the place of the program that net_af_xdp hung into an interface, and does the same; but a
/// VLAN tag that the kernel holds beside the frame it writes back into it. Without that the frame
/// comes without its tag, on veth always: its far end hands tags over apart.
class TagKeeper {
public:
    /// Takes away what a gate that was killed left: net_af_xdp would not start beside it.
    static void remove_leftover(const KernelInterface& interface);

    /// Errors: unavailable, with the kernel's words: Linux has what it takes from 6.8 on, for
    /// programs in a driver.
    [[nodiscard]] static Result<TagKeeper> attach(const KernelInterface& interface);
    TagKeeper(TagKeeper&&) = default;
    TagKeeper& operator=(TagKeeper&&) = delete;
    ~TagKeeper(); // puts the driver's own program back, which the driver then takes away

private:
    TagKeeper(int interface, Descriptor former, Descriptor own);

    int interface_;
    Descriptor former_;
    Descriptor own_;
};

} // namespace sweepgate::gate
