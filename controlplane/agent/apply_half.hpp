// SPDX-License-Identifier: Apache-2.0
// The half that talks netlink: holds CAP_NET_ADMIN and nothing else, reads nothing but its end of
// the channel, and verifies every signature itself. It ends when the channel does and leaves the
// kernel's rules as they are.
#pragma once

#include "controlplane/agent/kernel.hpp"
#include "controlplane/nftables/gate.hpp"
#include "controlplane/wire/holding.hpp"

namespace sweepgate::agent {

class ApplyHalf {
public:
    ApplyHalf(Channel channel, nftables::Gate gate, std::vector<wire::VerifyKey> keys);
    /// Serves orders and compares with the kernel every five seconds. Returns when the network
    /// half is gone.
    void run();

private:
    void serve(const Frame& order);
    Result<std::string> obey(const Frame& order);
    Result<std::string> enforce(Result<wire::Candidate> candidate);
    Result<std::string> probe(const std::string& address_bytes);
    Result<std::string> state();
    void compare();

    Channel channel_;
    nftables::Gate gate_;
    wire::Holding holding_;
    std::uint64_t repaired_ = 0;
};

} // namespace sweepgate::agent
