// SPDX-License-Identifier: Apache-2.0
// `sweepgate keys` for the keys that sign snapshots: made, replaced and withdrawn without a gate
// ever being touched. In the controller's folder of keys:
//
//   signing.key           in use            signing.key.<fingerprint>   was
//   signing.key.next      will be           signing.key.pub             what boxes begin with
//   trust                 the list of signing keys in force (wire/trust_list.hpp)
//   trust.new             one that waits for signatures
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "controlplane/model/result.hpp"

namespace CLI {
class App;
}

namespace sweepgate::cli {

/// A pair that signs lists of signing keys. Errors: conflict when it exists; io.
[[nodiscard]] Status make_root_key(const std::filesystem::path& path, std::string& told);

struct SigningChange {
    std::filesystem::path folder;             // the controller's keys
    std::vector<std::filesystem::path> roots; // secret root keys at hand
};

/// Makes another signing key, both valid from now on. With a root key in signing.key.pub enough of
/// the root keys have to be at hand; where they are not, the list waits in trust.new for
/// sign_list() and install_list(). Errors: those of the files; nothing has changed then.
[[nodiscard]] Status rotate_signing_key(const SigningChange& change, std::string& told);

/// What that key signed and signs is refused from now on, and generations are counted anew above
/// all of it. The one in use is replaced. Errors: not_found; as above.
[[nodiscard]] Status revoke_signing_key(const SigningChange& change, const std::string& whom,
                                        std::string& told);

/// Adds a root key's signature to a list that waits. Errors: those of the files.
[[nodiscard]] Status sign_list(const std::filesystem::path& list, const std::filesystem::path& root,
                               std::string& told);

/// Puts a signed list in force, with the next signing key where the list has it.
/// Errors: refused (too few signatures), conflict (older than the one in force).
[[nodiscard]] Status install_list(const std::filesystem::path& folder,
                                  const std::filesystem::path& list, std::string& told);

/// Fingerprint of each key and what it is good for.
[[nodiscard]] Status list_signing_keys(const std::filesystem::path& folder, std::string& told);

/// The commands, into `keys`.
void add_signing_keys(CLI::App& keys, int& exit_status);

} // namespace sweepgate::cli
