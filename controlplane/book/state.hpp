// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controlplane/book/book.hpp"
#include "controlplane/book/sqlite.hpp"

namespace sweepgate {

struct Book::State {
    sqlite::Database database;
    BookOptions options;
    Instant evidence{};
};

} // namespace sweepgate
