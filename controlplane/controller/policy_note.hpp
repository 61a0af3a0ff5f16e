// SPDX-License-Identifier: Apache-2.0
// Internal to this station: a filed policy as the JSON of its .json file.
#pragma once

#include "controlplane/controller/policy_archive.hpp"

namespace sweepgate::controller {

[[nodiscard]] std::string to_note(const FiledPolicy& policy);
/// Errors: bad_input when it is none, or its text is not what its digest says.
[[nodiscard]] Result<FiledPolicy> from_note(std::string_view text);

} // namespace sweepgate::controller
