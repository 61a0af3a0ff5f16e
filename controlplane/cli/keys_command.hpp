// SPDX-License-Identifier: Apache-2.0
// `sweepgate keys`: every secret is made on the machine that uses it and never leaves it.
#pragma once

#include <string>

#include "controlplane/model/result.hpp"

namespace sweepgate::cli {

/// Makes in `folder` what a controller needs: signing.key and controller.curve, each with its
/// .pub, and an empty authorized_keys. What exists already is left alone and said.
/// Errors: io naming the path.
[[nodiscard]] Status make_site_keys(const std::string& folder, std::string& told);

/// Makes a CURVE pair at `path` for a gate, relay, viewer or admin and tells the line that
/// belongs into the controller's authorized_keys. Errors: conflict when it exists; bad_input.
[[nodiscard]] Status make_client_key(const std::string& path, const std::string& role,
                                     const std::string& name, std::string& told);

} // namespace sweepgate::cli
