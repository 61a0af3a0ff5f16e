// SPDX-License-Identifier: Apache-2.0
// The last file of a backup, "manifest.json": what the others are.
//
//   {"format": 1, "program": "0.1.0 (git ...)", "made": seconds since the epoch, "host": "hq",
//    "generation": 1207, "keys": true, "files": [{"name": "...", "size": 12, "blake2b": "64 hex"}]}
#pragma once

#include <vector>

#include "controlplane/backup/member.hpp"
#include "controlplane/model/result.hpp"

namespace sweepgate::backup {

inline constexpr std::string_view kManifest = "manifest.json";
inline constexpr std::size_t kMostManifest = std::size_t{32} << 20U; // bytes

struct Manifest {
    std::string program; // that wrote it
    Instant made{};
    std::string host;
    Generation generation = 0; // published last; 0: none
    bool keys = false;         // secret ones are in it
    std::vector<Member> files;
};

[[nodiscard]] std::string to_text(const Manifest& manifest);
/// Errors: bad_input.
[[nodiscard]] Result<Manifest> parse_manifest(std::string_view text);
/// Errors: bad_input naming the first file that is missing, not listed or another.
[[nodiscard]] Status check_against(const Manifest& manifest, std::vector<Member> found);

} // namespace sweepgate::backup
