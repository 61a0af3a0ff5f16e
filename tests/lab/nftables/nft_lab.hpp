// SPDX-License-Identifier: Apache-2.0
// Asks the real kernel what it does with packets: each goes from a client namespace through a
// router with the nftables gate to a sink, unchanged, and its fate is read from what arrives and
// from the counters. A marker packet behind each one tells when the kernel is done with it, so
// there are no timeouts and no guesses. One Lab belongs to one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "controlplane/nftables/gate.hpp"
#include "tests/lab/nftables/network.hpp"

namespace sweepgate::lab {

struct Fate {
    Action action = Action::pass;
    std::string system;    // whose counter moved; empty for pass
    bool forwarded = true; // false: the kernel discarded it without asking the gate; see
                           // network.hpp for which packets; `action` is pass then

    friend bool operator==(const Fate&, const Fate&) = default;
};

class NftLab {
public:
    /// Needs root. Errors: unavailable when namespaces, veth or nftables are missing.
    ///   civil_times  the clock that schedules go by
    [[nodiscard]] static Result<NftLab>
    create(std::function<CivilTimes()> civil_times = civil_times_now);
    NftLab(NftLab&&) noexcept;
    NftLab& operator=(NftLab&&) noexcept;
    ~NftLab();

    [[nodiscard]] Status apply(const Snapshot& snapshot);
    /// A new Gate on the same kernel table, as after a restart of its process.
    [[nodiscard]] Status reopen();

    /// pass, monitor, reject or drop for each packet. A packet starts at its IP header and has at
    /// most 9000 bytes. Errors: io when the lab itself fails or gate and wire contradict.
    [[nodiscard]] Result<std::vector<Action>>
    judge(const std::vector<std::vector<std::uint8_t>>& ip_packets);
    [[nodiscard]] Result<Fate> fate_of(std::span<const std::uint8_t> ip_packet);

    /// Sends the packet `count` times, as fast as the wire takes it: how many arrived.
    [[nodiscard]] Result<std::uint64_t> flood(std::span<const std::uint8_t> ip_packet,
                                              std::uint64_t count);

    [[nodiscard]] Network& network();
    [[nodiscard]] nftables::Gate& gate();

private:
    class Wire;
    [[nodiscard]] Result<Fate> try_packet(std::span<const std::uint8_t> packet);
    NftLab(std::unique_ptr<Network> network, std::unique_ptr<Wire> wire,
           nftables::GateOptions options, nftables::Gate gate);
    std::unique_ptr<Network> network_;
    std::unique_ptr<Wire> wire_;
    nftables::GateOptions options_;
    nftables::Gate gate_;
    std::vector<SystemCounter> before_;
};

} // namespace sweepgate::lab
