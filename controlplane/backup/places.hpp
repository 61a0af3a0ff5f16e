// SPDX-License-Identifier: Apache-2.0
// Where the files of a backup lie on a controller. One table for both directions:
//
//   config/sweepgated.toml    --config               keys/authorized_keys   public keys
//   config/policy.toml        policy                 keys/trust, trust.new  lists of signing keys
//   config/observed           [guard] observed       keys/signing.key       )
//   catalog/N/...             the Nth of catalog     keys/signing.key.next  ) with .pub, and only
//   when lists/...                 lists                  keys/controller.curve  ) keys are asked
//   for state/...                 state
//
// A catalog below /usr belongs to a package and is not in it. The state folder has the public
// half of the signing key in any case.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/controller/config.hpp"

namespace sweepgate::backup {

inline constexpr std::string_view kConfigMember = "config/sweepgated.toml";

struct Place {
    std::string name; // in the backup
    std::filesystem::path path;
    bool is_folder = false;
    bool is_key = false;        // a secret one, or its public half
    bool of_controller = false; // its user's, mode 0600; else root's, 0644
    bool is_optional = false;   // most controllers have none
};

[[nodiscard]] std::vector<Place> places_of(const controller::Config& config,
                                           const std::filesystem::path& config_file);

/// The place that has `member`, and the path below its folder; null: none.
struct Found {
    const Place* place = nullptr;
    std::filesystem::path path;
};
[[nodiscard]] Found find_place(const std::vector<Place>& places, std::string_view member);

/// What a restore may replace: no folder of the root, and none inside another. The configuration
/// that names them came with the backup. Errors: bad_input.
[[nodiscard]] Status check_targets(const std::vector<const Place*>& places);

/// What is not backed up of a state folder: locks, journals, copies, what was put aside.
[[nodiscard]] bool is_passing(const std::string& file);

} // namespace sweepgate::backup
