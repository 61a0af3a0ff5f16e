// SPDX-License-Identifier: Apache-2.0
// A kernel interface while a gate drives it: what the gate changes on it, and gives back.
//
// The kernel joins packets (GRO, LRO) and takes VLAN tags off before a socket sees them. That is
// right for its own stack and wrong for a wire, so it is switched off as long as the gate stands.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/model/result.hpp"
#include "dataplane/gate/features.hpp"
#include "dataplane/gate/kernel_interface.hpp"
#include "dataplane/gate/xdp_program.hpp"

namespace sweepgate::gate {

/// What stood on an interface before a gate changed it.
struct FormerSettings {
    std::map<std::string, bool> features;
    std::optional<unsigned> mtu;
    [[nodiscard]] bool empty() const { return features.empty() && !mtu; }
    friend bool operator==(const FormerSettings&, const FormerSettings&) = default;
};

/// One setting a line, "feature rx-gro on", "mtu 1500".
[[nodiscard]] std::string to_text(const FormerSettings& settings);
/// Lines that say something else are left out.
[[nodiscard]] FormerSettings parse_former(const std::string& text);
/// What an earlier gate found goes before what is found now: it died and gave nothing back.
[[nodiscard]] FormerSettings merged(FormerSettings recorded, const FormerSettings& found);

/// In $RUNTIME_DIRECTORY, else in /run/sweepgate-dataplane: a gate that is killed leaves it behind,
/// and the next one on the same interface knows what to give back.
[[nodiscard]] std::filesystem::path record_of(const KernelInterface& interface);

class KernelLease {
public:
    enum class By : std::uint8_t { af_packet, af_xdp };

    /// Writes the record, then changes what has to be. `mtu` 0: as it is.
    ///   errors  io with the kernel's words; what was changed by then is given back
    [[nodiscard]] static Result<KernelLease> take(const KernelInterface& interface, By by,
                                                  unsigned mtu);
    KernelLease(KernelLease&& other) noexcept;
    KernelLease& operator=(KernelLease&&) = delete;
    ~KernelLease(); // gives everything back and removes the record

    /// A tag comes apart from its frame, and nothing on this side changes that.
    [[nodiscard]] bool tags_come_apart() const { return tags_come_apart_; }
    /// What an operator should know, a sentence each.
    [[nodiscard]] const std::vector<std::string>& notices() const { return notices_; }

    /// Each second: what others changed meanwhile is put back where it is in the way of packets.
    /// What was done, a sentence each, and each time it is done.
    [[nodiscard]] std::vector<std::string> look();
    /// What cannot be put back, as of the last look; "" when all is as it was taken.
    [[nodiscard]] const std::string& fault() const { return fault_; }

private:
    explicit KernelLease(KernelInterface interface) : interface_(std::move(interface)) {}
    [[nodiscard]] Status switch_off(const std::vector<std::string>& unwanted);
    void keep_peer_from_joining();
    void tell_of_record(const FormerSettings& recorded);
    void look_at_mtu();

    KernelInterface interface_;
    std::vector<std::string> unwanted_; // features
    unsigned mtu_ = 0;                  // that the port was set up with
    std::string fault_;
    FormerSettings former_;
    Descriptor pass_;
    bool tags_come_apart_ = false;
    std::vector<std::string> notices_;
    bool open_ = true;
};

} // namespace sweepgate::gate
