// SPDX-License-Identifier: Apache-2.0
#include "controlplane/backup/database_copies.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "controlplane/book/book.hpp"
#include "controlplane/controller/state_files.hpp"
#include "controlplane/wire/admin.hpp"
#include "controlplane/wire/store.hpp"

namespace sweepgate::backup {

namespace {

constexpr std::chrono::seconds kCopyWait{60};

/// Of whoever holds the state folder.
Status ask_controller(const controller::Config& config, const Error& held) {
    const auto& requests = config.publish.requests;
    const auto local = std::ranges::find_if(
        requests, [](const std::string& endpoint) { return endpoint.starts_with("ipc:"); });
    if (local == requests.end())
        return fail(Errc::unavailable, held.what + ", and no ipc:// endpoint of it is configured; "
                                                   "stop it, and the backup needs none");
    auto client = wire::AdminClient::connect(*local);
    if (!client) return tl::unexpected(client.error());
    auto answer = client->request("backup", "", kCopyWait);
    if (!answer) return within(held.what + ", which was asked for copies", answer.error());
    return {};
}

/// A lock file that root has made must not keep the controller's own user out.
Status give_to_owner(const std::filesystem::path& folder) {
    struct stat owner {};
    if (::geteuid() != 0) return {};
    if (::stat(folder.c_str(), &owner) != 0) return wire::system_fault("stat", folder);
    const auto lock = folder / "lock";
    if (::lchown(lock.c_str(), owner.st_uid, owner.st_gid) != 0)
        return wire::system_fault("chown", lock);
    return {};
}

Status make_copies(const controller::Config& config, const std::filesystem::path& copies) {
    const auto held = wire::StateFolder::open(config.state);
    if (!held && held.error().code == Errc::conflict) return ask_controller(config, held.error());
    if (!held) return tl::unexpected(held.error());
    if (auto ok = give_to_owner(config.state); !ok) return ok;
    if (auto ok = controller::make_copies_folder(copies); !ok) return ok;
    return controller::copy_databases(config.state, copies);
}

Result<DatabaseCopies> open_copies(const controller::Config& config,
                                   const std::filesystem::path& copies) {
    DatabaseCopies taken;
    const auto book_file = copies / controller::kBookFile;
    if (std::filesystem::exists(book_file)) {
        const auto book = Book::open(book_file, config.book);
        if (!book) return tl::unexpected(book.error());
        const auto latest = book->latest();
        if (!latest) return tl::unexpected(latest.error());
        if (*latest) taken.newest = (*latest)->number;
    }
    for (const auto* name : controller::kDatabases) {
        if (!std::filesystem::exists(copies / name)) continue;
        auto file = wire::open_to_read(copies / name);
        if (!file) return tl::unexpected(file.error());
        taken.files.emplace(name, std::move(*file));
    }
    return taken;
}

} // namespace

Result<DatabaseCopies> take_copies(const controller::Config& config) {
    std::error_code error;
    if (!std::filesystem::is_directory(config.state, error))
        return fail(Errc::not_found, "state folder " + config.state.string() +
                                         ": there is none; has the controller ever run?");
    const auto copies = controller::copies_folder(config.state);
    const auto made = make_copies(config, copies);
    auto taken =
        made ? open_copies(config, copies) : Result<DatabaseCopies>(tl::unexpected(made.error()));
    // While they are open their bytes stay; names would lie there for ever if we were killed.
    if (!made && made.error().code == Errc::unavailable) return taken; // they are not ours
    std::filesystem::remove_all(copies, error);
    return taken;
}

} // namespace sweepgate::backup
