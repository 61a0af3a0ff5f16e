// SPDX-License-Identifier: Apache-2.0
// The half that reads the network: no capability. Hears the controller, keeps last good, hands
// each snapshot to the apply half and to the gates behind, and speaks for them upstream.
//
//   replica --> publisher     sealed bytes, unchanged, for the gates behind
//   replica --> kernel        the same bytes, verified again by the apply half
//   publisher --> replica     what the gates behind say, forwarded
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/agent/config.hpp"
#include "controlplane/agent/kernel.hpp"
#include "controlplane/wire/publisher.hpp"
#include "controlplane/wire/replica.hpp"
#include "controlplane/wire/store.hpp"

namespace sweepgate::agent {

class NetworkHalf {
public:
    /// Last good is in force when this returns. `kernel` is null without nftables. A state folder
    /// that cannot be made, sockets that cannot be bound and a missing key of our own are told in
    /// each report, and tried again. `fault` is what the configuration's file says wrong, or "".
    /// Errors: conflict for a state folder in use, bad_input, not_found (keys to verify with).
    static Result<std::unique_ptr<NetworkHalf>> start(Config config, std::unique_ptr<Kernel> kernel,
                                                      const std::string& fault = {});

    NetworkHalf(const NetworkHalf&) = delete;
    NetworkHalf& operator=(const NetworkHalf&) = delete;
    ~NetworkHalf();

    /// To be called every few seconds: tries again what could not be had at the start.
    /// Errors: as Kernel::state(); the apply half is gone or the kernel does not answer.
    Status check();
    /// What is known of upstream and of what is held.
    [[nodiscard]] wire::ReplicaState state() const { return replica_->state(); }
    /// Reads authorized_keys again. Errors: those of the file; the old list stays then.
    Status reload();

private:
    NetworkHalf(Config config, std::optional<wire::StateFolder> folder,
                std::unique_ptr<Kernel> kernel, wire::Trust trust);
    Status start_publisher();
    Status start_replica();
    Status enforce(const Snapshot& snapshot, const Digest& digest, const std::string& sealed);
    [[nodiscard]] GateReport report();
    void start_missing();
    void restart_replica();
    [[nodiscard]] std::filesystem::path authorized_copy() const {
        return config_.state / "authorized_keys.last-good";
    }
    /// One line a part; an empty text takes the fault back. Logged when it is news.
    void set_fault(const std::string& part, const std::string& fault);
    [[nodiscard]] std::vector<std::string> faults() const;
    /// Nothing is published while the publisher cannot be started.
    template <typename Work>
    void downstream(Work work) {
        const std::lock_guard lock(publisher_mutex_);
        if (publisher_) work(*publisher_);
    }
    [[nodiscard]] ProbeAnswer probe(const Address& address);
    /// Nothing is forwarded while the replica starts or stops.
    template <typename Work>
    void upstream(Work work) {
        const std::lock_guard lock(forwarding_mutex_);
        if (forwarding_ != nullptr) work(*forwarding_);
    }

    Config config_;
    std::optional<wire::StateFolder> folder_; // none: nothing can be kept
    std::unique_ptr<Kernel> kernel_;
    wire::Trust trust_;        // as of the last start of the replica
    Generation handed_on_ = 0; // to the gates behind; only on_snapshot touches it
    mutable std::mutex faults_mutex_;
    std::map<std::string, std::string> faults_; // by part
    std::string state_fault_;                   // why there is no folder_
    bool without_upstream_ = false;             // our own key cannot be read
    std::mutex publisher_mutex_;                // guards the pointer, which may come late
    std::mutex forwarding_mutex_;
    wire::Replica* forwarding_ = nullptr;
    // Each one's thread uses the other, so the order in which they stop is the destructor's.
    std::unique_ptr<wire::Publisher> publisher_;
    std::unique_ptr<wire::Replica> replica_;
};

/// By the configuration's file or, where that is damaged, as it was read last. A list of signing
/// keys is kept in `list`; empty: nowhere.
[[nodiscard]] Result<wire::Trust> open_trust(const Config& config,
                                             const std::filesystem::path& list);

} // namespace sweepgate::agent
