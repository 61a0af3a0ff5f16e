// SPDX-License-Identifier: Apache-2.0
// The half that reads the network: no capability. Hears the controller, keeps last good, hands
// each snapshot to the apply half and to the gates behind, and speaks for them upstream.
//
//   replica --> publisher     sealed bytes, unchanged, for the gates behind
//   replica --> kernel        the same bytes, verified again by the apply half
//   publisher --> replica     what the gates behind say, forwarded
#pragma once

#include <memory>
#include <mutex>

#include "controlplane/agent/config.hpp"
#include "controlplane/agent/kernel.hpp"
#include "controlplane/wire/publisher.hpp"
#include "controlplane/wire/replica.hpp"
#include "controlplane/wire/store.hpp"

namespace sweepgate::agent {

class NetworkHalf {
public:
    /// Last good is in force when this returns. `kernel` is null without nftables.
    /// Errors: conflict for a state folder in use, bad_input, io, not_found (keys).
    static Result<std::unique_ptr<NetworkHalf>> start(Config config,
                                                      std::unique_ptr<Kernel> kernel);

    NetworkHalf(const NetworkHalf&) = delete;
    NetworkHalf& operator=(const NetworkHalf&) = delete;
    ~NetworkHalf();

    /// Errors: as Kernel::state(); the apply half is gone or the kernel does not answer.
    Status check();
    /// Reads authorized_keys again. Errors: those of the file; the old list stays then.
    Status reload();

private:
    NetworkHalf(Config config, wire::StateFolder folder, std::unique_ptr<Kernel> kernel,
                std::vector<wire::VerifyKey> keys);
    Status start_publisher();
    Status start_replica();
    Status enforce(const Snapshot& snapshot, const Digest& digest, const std::string& sealed);
    [[nodiscard]] GateReport report();
    [[nodiscard]] ProbeAnswer probe(const Address& address);
    /// Nothing is forwarded while the replica starts or stops.
    template <typename Work>
    void upstream(Work work) {
        const std::lock_guard lock(forwarding_mutex_);
        if (forwarding_ != nullptr) work(*forwarding_);
    }

    Config config_;
    wire::StateFolder folder_;
    std::unique_ptr<Kernel> kernel_;
    std::vector<wire::VerifyKey> keys_;
    Generation handed_on_ = 0; // to the gates behind; only on_snapshot touches it
    std::mutex forwarding_mutex_;
    wire::Replica* forwarding_ = nullptr;
    // Each one's thread uses the other, so the order in which they stop is the destructor's.
    std::unique_ptr<wire::Publisher> publisher_;
    std::unique_ptr<wire::Replica> replica_;
};

} // namespace sweepgate::agent
