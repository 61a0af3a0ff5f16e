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

#include <array>
#include <chrono>
#include <filesystem>
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

inline constexpr const char* kBookFile = "book.sqlite";
inline constexpr const char* kGuardFile = "guard.sqlite";
inline constexpr const char* kWatchFile = "watch.sqlite";
inline constexpr std::array kDatabases{kBookFile, kGuardFile, kWatchFile};
/// Where the audit in the book ends, as of its last entry.
inline constexpr const char* kAuditHead = "audit.head";

/// Where copies of the databases lie until a backup has taken them.
[[nodiscard]] std::filesystem::path copies_folder(const std::filesystem::path& state);
/// Anew and empty, mode 0700. Errors: io.
Status make_copies_folder(const std::filesystem::path& folder);
/// The databases of a controller that does not run, by whoever holds the state folder. Those that
/// are missing are passed over. Errors: conflict; io, also of a damaged one.
Status copy_databases(const std::filesystem::path& state, const std::filesystem::path& folder);

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
