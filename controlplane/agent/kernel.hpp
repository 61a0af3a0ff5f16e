// SPDX-License-Identifier: Apache-2.0
// What the network half sees of the apply half: orders with their answers. Thread-safe.
#pragma once

#include <mutex>

#include "controlplane/agent/channel.hpp"
#include "controlplane/model/report.hpp"

namespace sweepgate::agent {

/// Read back from the kernel.
struct KernelState {
    Generation generation = 0; // 0: nothing of ours is in force
    Digest digest{};
    std::uint64_t repaired = 0; // foreign changes undone since start
    std::vector<SystemCounter> systems;
    std::vector<std::string> schedules; // names of those in force
    std::vector<std::string> bypasses;  // ways past the rules, a sentence each
    std::string fault;                  // why the rules are not put back; "" when they are
};

[[nodiscard]] std::string encode(const KernelState& state);
[[nodiscard]] Result<KernelState> decode_state(std::string_view bytes);
[[nodiscard]] std::string encode(const ProbeAnswer& answer);
[[nodiscard]] Result<ProbeAnswer> decode_answer(std::string_view bytes);

class Kernel {
public:
    explicit Kernel(Channel channel) : channel_(std::move(channel)) {}

    /// Only the last link travels when it is a delta from what the apply half holds.
    Status enforce(const std::string& chain, Generation generation);
    /// Before what the keys of that list have signed.
    Status trust(const std::string& list);
    Result<ProbeAnswer> probe(const Address& address);
    Result<KernelState> state();

private:
    Result<std::string> ask(Order order, std::string_view bytes);
    std::mutex mutex_;
    Channel channel_;
    Generation held_ = 0;
};

} // namespace sweepgate::agent
