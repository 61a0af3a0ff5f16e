// SPDX-License-Identifier: Apache-2.0
// What a controller keeps in its state folder for the day when another file is damaged or missing.
//
//   published.last-good      the snapshot that was published last, sealed; at most kCopyEvery old
//   catalog.last-good        the catalog's files as they were last read without a fault, JSON
//   signing.key.pub          the key that signed what is published
//   authorized_keys.last-good, config-DIGEST.last-good   likewise; the latter of that file's path
//
// And the databases, which begin anew when they are damaged; the damaged file is kept beside them.
#pragma once

#include <chrono>
#include <string>

#include "controlplane/book/book.hpp"
#include "controlplane/book/sqlite.hpp"
#include "controlplane/catalog/catalog.hpp"
#include "controlplane/controller/start_faults.hpp"
#include "controlplane/wire/keys.hpp"

namespace sweepgate::controller {

inline constexpr std::chrono::seconds kCopyEvery{60};

[[nodiscard]] CatalogTexts read_catalog_copy(const std::filesystem::path& state);
void keep_catalog_copy(const std::filesystem::path& state, const CatalogTexts& texts);

/// Moves a damaged database aside as "NAME.damaged"; an older such file goes. Errors: io.
Status put_aside(const std::filesystem::path& database);

/// open(path); where that file is damaged it is put aside, `lost` says so, and an empty one begins.
template <typename Open>
[[nodiscard]] auto open_or_begin_anew(const std::filesystem::path& path, Open open,
                                      std::string& lost) -> decltype(open(path)) {
    auto database = open(path);
    if (database || !sqlite::says_damaged(database.error())) return database;
    if (auto ok = put_aside(path); !ok) return tl::unexpected(ok.error());
    lost = database.error().what + "; it lies beside, as " + path.filename().string() +
           ".damaged, and an empty one has begun: ";
    return open(path);
}

/// The address book; an empty one where it was damaged, with a fault that says so.
/// Errors: conflict; bad_input for a newer program's; io when the disk does not let it be opened.
[[nodiscard]] Result<Book> open_book(const std::filesystem::path& path, const BookOptions& options,
                                     StartFaults& faults);

} // namespace sweepgate::controller
