// SPDX-License-Identifier: Apache-2.0
// Internal to this station: key files as text, whatever kind of key. One kind word, then the key.
// Errors name the path and never show key material.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/model/result.hpp"

namespace sweepgate::wire {

/// Writes `path`, mode 0600, and `path`.pub, mode 0644: both or none.
/// Errors: conflict when one exists, io.
[[nodiscard]] Status create_pair(const std::filesystem::path& path, std::string_view secret_text,
                                 std::string_view public_text);

enum class Secrecy : std::uint8_t { secret, open };

/// That nobody but root and we ourselves can change what stands in `path`: its owner, its mode and
/// those of its folder (sshd's StrictModes). Errors: refused, with the remedy; io.
[[nodiscard]] Status check_guarded(const std::filesystem::path& path);

/// The words behind `kind` on each line that is not empty or a comment; at least one line.
/// Errors: io, refused (a secret that others can reach), bad_input naming the line.
[[nodiscard]] Result<std::vector<std::vector<std::string>>>
key_lines(const std::filesystem::path& path, Secrecy secrecy, std::string_view kind,
          std::size_t words);

/// Of a file that holds one key.
[[nodiscard]] Result<std::vector<std::string>> one_key(const std::filesystem::path& path,
                                                       Secrecy secrecy, std::string_view kind,
                                                       std::size_t words);

} // namespace sweepgate::wire
