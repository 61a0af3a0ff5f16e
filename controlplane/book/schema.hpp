// SPDX-License-Identifier: Apache-2.0
// The book's tables and the steps from one version of them to the next.
#pragma once

#include "controlplane/book/sqlite.hpp"

namespace sweepgate {

inline constexpr std::int64_t kBookVersion = 4;

/// Brings an empty or older book to kBookVersion in one transaction. Errors: bad_input when a
/// newer program wrote it or it is no book of ours, io.
Status migrate(sqlite::Database& database);

} // namespace sweepgate
