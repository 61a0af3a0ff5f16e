// SPDX-License-Identifier: Apache-2.0
// One rule of a program in the expressions of the kernel, as nft itself would compile it (so that
// `nft list` reads it back): each condition loads into register 1 and compares. The lookup by
// class is the one thing that nft cannot read back.
#pragma once

#include <string>

#include "controlplane/nftables/handles.hpp"
#include "controlplane/nftables/names.hpp"
#include "controlplane/nftables/program.hpp"

namespace sweepgate::nftables {

/// nft's form of a comment in user data: type 0, length with the final zero, text.
[[nodiscard]] std::string to_user_data(const std::string& comment);

/// Names the map that the listing of this rule leaves out.
[[nodiscard]] std::string comment_of(const JumpByClass& by);

[[nodiscard]] NftRule to_kernel(const Rule& rule, const std::string& table,
                                const std::string& chain, Layer layer = Layer::network);

} // namespace sweepgate::nftables
