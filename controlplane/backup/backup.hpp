// SPDX-License-Identifier: Apache-2.0
// `sweepgate backup`: all that a controller cannot get anew, in one file. Databases are copied as
// they stand at one moment: by the controller itself where one runs, as it alone can open them.
#pragma once

#include "controlplane/backup/manifest.hpp"
#include "controlplane/backup/places.hpp"

namespace sweepgate::backup {

struct BackupRequest {
    std::filesystem::path file;
    std::filesystem::path config;
    std::optional<std::string> passphrase; // nothing: no secret keys, and not encrypted
    bool replace = false;                  // what lies at `file`
};

struct BackupOutcome {
    Manifest manifest;
    std::vector<Place> absent;         // what the controller has none of
    std::vector<std::string> left_out; // files that are no regular ones, by path
    std::vector<Place> keys_left_out;  // secret ones, since none were asked for
};

/// Errors: those of the configuration; conflict when `file` exists; unavailable when a controller
/// runs and does not answer; not_found without a state folder; io. On an error there is no file.
[[nodiscard]] Result<BackupOutcome> make_backup(const BackupRequest& request);

} // namespace sweepgate::backup
