// SPDX-License-Identifier: Apache-2.0
// A program in the language of nft, as `nft list table` would print it: for tests and people.
#pragma once

#include <string>

#include "controlplane/nftables/program.hpp"

namespace sweepgate::nftables {

[[nodiscard]] std::string render(const Rule& rule);
[[nodiscard]] std::string render(const Program& program);

} // namespace sweepgate::nftables
