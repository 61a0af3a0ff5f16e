// SPDX-License-Identifier: Apache-2.0
// An answer, a name or a system with more addresses than is sane. What was there first stays; what
// came with the flood or behind it is not enforced.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "controlplane/guard/candidate.hpp"
#include "controlplane/policy/policy.hpp"

namespace sweepgate {

/// One text a candidate, empty for those within all caps. What is in force already counts and is
/// never refused. Addresses of one name and family that were first seen in the same second came in
/// one answer, or in one from each resolver.
[[nodiscard]] std::vector<std::string> find_floods(std::span<const Candidate> candidates,
                                                   const Belief& belief);

} // namespace sweepgate
