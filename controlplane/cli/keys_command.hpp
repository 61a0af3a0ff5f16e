// SPDX-License-Identifier: Apache-2.0
// `sweepgate keys`: every secret is made on the machine that uses it and never leaves it.
#pragma once

#include <string>

#include "controlplane/model/result.hpp"

namespace CLI {
class App;
}

namespace sweepgate::cli {

inline constexpr const char* kAuthorizedKeys = "/etc/sweepgate/keys/authorized_keys";

/// Makes in `folder` what a controller needs: signing.key and controller.curve, each with its
/// .pub, and an empty authorized_keys. What exists already is left alone and said.
/// Errors: io naming the path.
[[nodiscard]] Status make_site_keys(const std::string& folder, std::string& told);

/// Makes a CURVE pair at `path` for a gate, relay, viewer or admin and tells how its public half
/// gets into the controller's authorized_keys. Errors: conflict when it exists; bad_input.
[[nodiscard]] Status make_client_key(const std::string& path, const std::string& role,
                                     const std::string& name, std::string& told);

/// Adds the public key in `path` (a .pub file) to the list. Errors: conflict when the key is in it
/// already; bad_input.
[[nodiscard]] Status authorize_key(const std::string& list, const std::string& path,
                                   const std::string& role, const std::string& name,
                                   std::string& told);

/// Takes out every line of that name, fingerprint or key; comments stay. Errors: not_found.
[[nodiscard]] Status revoke_key(const std::string& list, const std::string& whom,
                                std::string& told);

/// Role, name, fingerprint and since when of each.
[[nodiscard]] Status list_keys(const std::string& list, std::string& told);

/// Prints what was told, and the error where there is one. Returns the exit status.
int tell_of_keys(const Status& status, const std::string& told);

/// The commands.
void add_keys(CLI::App& app, int& exit_status);

} // namespace sweepgate::cli
