// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/state_files.hpp"

#include <cerrno>

#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "controlplane/config/document.hpp"
#include "controlplane/wire/store.hpp"

namespace sweepgate::controller {

using nlohmann::json;

namespace {

constexpr std::string_view kCatalogCopy = "catalog.last-good";
constexpr std::size_t kMaxCatalogCopy = std::size_t{64} << 20U;

} // namespace

CatalogTexts read_catalog_copy(const std::filesystem::path& state) {
    CatalogTexts texts;
    const auto text = config::read_file(state / kCatalogCopy, kMaxCatalogCopy);
    const auto object = text ? json::parse(*text, nullptr, false) : json();
    if (!object.is_object()) return texts;
    for (const auto& [path, value] : object.items())
        if (value.is_string()) texts[path] = value.get<std::string>();
    return texts;
}

void keep_catalog_copy(const std::filesystem::path& state, const CatalogTexts& texts) {
    const auto text = json(texts).dump(-1, ' ', false, json::error_handler_t::replace);
    if (text.size() <= kMaxCatalogCopy) wire::keep_copy(state / kCatalogCopy, text);
}

std::filesystem::path copies_folder(const std::filesystem::path& state) {
    return state / "backup-copies";
}

Status make_copies_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    if (::mkdir(folder.c_str(), 0700) != 0)
        return fail(Errc::io, folder.string() + ": " + errno_text(errno));
    return {};
}

Status copy_databases(const std::filesystem::path& state, const std::filesystem::path& folder) {
    for (const auto* name : kDatabases) {
        if (!std::filesystem::exists(state / name)) continue;
        auto database = sqlite::Database::open(state / name);
        if (!database) return tl::unexpected(database.error());
        if (auto ok = database->copy_to(folder / name); !ok) return ok;
    }
    return {};
}

Status put_aside(const std::filesystem::path& database) {
    const auto aside = database.string() + ".damaged";
    std::error_code error;
    std::filesystem::rename(database, aside, error);
    if (error) return fail(Errc::io, database.string() + ": " + error.message());
    for (const auto* tail : {"-wal", "-shm"}) {
        std::error_code ignored; // mostly there is none
        std::filesystem::rename(database.string() + tail, aside + tail, ignored);
    }
    return {};
}

Result<Book> open_book(const std::filesystem::path& path, const BookOptions& options,
                       StartFaults& faults) {
    std::string lost;
    auto book = open_or_begin_anew(
        path, [&](const auto& at) { return Book::open(at, options); }, lost);
    if (book && !lost.empty())
        faults.add({"book",
                    "degraded",
                    lost + "addresses, generations and the audit before this start are not in it",
                    {}});
    return book;
}

} // namespace sweepgate::controller
