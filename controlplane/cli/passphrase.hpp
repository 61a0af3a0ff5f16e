// SPDX-License-Identifier: Apache-2.0
// Where the passphrase of a backup comes from: a file that nobody else may read, or a person.
#pragma once

#include <cstdint>
#include <string>

#include "controlplane/model/result.hpp"

namespace sweepgate::cli {

enum class PassphraseFor : std::uint8_t { sealing, opening };

/// The first line of `file`, or, when there is none, what is typed on the terminal without being
/// shown; for sealing it is typed twice and has a least length.
/// Errors: refused when others may read the file; bad_input for one that is too short, too long or
/// was typed otherwise the second time; unavailable without a terminal; io.
[[nodiscard]] Result<std::string> passphrase(const std::string& file, PassphraseFor purpose);

} // namespace sweepgate::cli
