// SPDX-License-Identifier: Apache-2.0
// What a network interface does for its kernel on the way: joining packets, taking tags off,
// checksums. By the names that `ethtool -k` lists as sub-features (net/ethtool/common.c).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/model/result.hpp"
#include "dataplane/gate/kernel_interface.hpp"

namespace sweepgate::gate {

struct Feature {
    bool wanted = false;     // asked for, by the driver or somebody
    bool active = false;     // in force
    bool changeable = false; // by us
};
using Features = std::map<std::string, Feature>;

/// Errors: io with the kernel's words.
[[nodiscard]] Result<Features> read_features(const KernelInterface& interface);

/// Those named, and what follows from them in the driver. Errors: io; not_found for a name that
/// this kernel does not know.
[[nodiscard]] Status write_features(const KernelInterface& interface,
                                    const std::map<std::string, bool>& wanted);

/// Which of an interface's features are in the way of a port.
///   hides_tags  tags that stand beside the frame are lost: AF_XDP
[[nodiscard]] std::vector<std::string> unwanted_features(bool hides_tags);
/// Whether tags are taken off the frames as they come in.
[[nodiscard]] bool keeps_tags_apart(const Features& features);

/// Its far end is a kernel's: frames come as that kernel makes them for itself, tags apart.
[[nodiscard]] bool is_virtual_wire_driver(std::string_view driver);

} // namespace sweepgate::gate
