// SPDX-License-Identifier: Apache-2.0
// What each half may still do once it runs. Both set PR_SET_NO_NEW_PRIVS.
#pragma once

#include <string>

#include "controlplane/model/result.hpp"

namespace sweepgate::agent {

/// CAP_NET_ADMIN and nothing else. Errors: refused when we never had it.
[[nodiscard]] Status keep_net_admin_only();
/// No capability at all; with a `user` also that user and its groups (only as root).
/// Errors: not_found for an unknown user, io.
[[nodiscard]] Status keep_nothing(const std::string& user);

} // namespace sweepgate::agent
