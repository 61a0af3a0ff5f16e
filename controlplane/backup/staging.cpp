// SPDX-License-Identifier: Apache-2.0
#include "controlplane/backup/staging.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sweepgate::backup {

namespace fs = std::filesystem;
using wire::system_fault;

namespace {

constexpr mode_t kOpenFile = 0644;
constexpr mode_t kOpenFolder = 0755;
constexpr mode_t kOwnFile = 0600;
constexpr mode_t kOwnFolder = 0700;

bool is_there(const fs::path& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0;
}

} // namespace

Staging::~Staging() {
    std::error_code ignored;
    for (const auto& [name, staged] : staged_) fs::remove_all(staged.written, ignored);
    for (const auto& folder : made_) (void)::rmdir(folder.c_str()); // unless something came into it
}

Status Staging::give(int file, const Place& place, mode_t mode, const fs::path& path) const {
    if (::fchmod(file, mode) != 0) return system_fault("chmod", path);
    if (::geteuid() != 0 || !place.of_controller) return {};
    if (::fchown(file, controller_.user, controller_.group) != 0)
        return system_fault("chown", path);
    return {};
}

/// Those on the way to a place, as a package would make them.
Status Staging::make_folders(const fs::path& folder) {
    if (folder.empty() || is_there(folder)) return {};
    if (auto ok = make_folders(folder.parent_path()); !ok) return ok;
    if (::mkdir(folder.c_str(), kOpenFolder) != 0 || ::chmod(folder.c_str(), kOpenFolder) != 0)
        return system_fault("mkdir", folder);
    made_.insert(made_.begin(), folder);
    return {};
}

Status Staging::make_folder(const fs::path& folder, const Place& place) {
    if (::mkdir(folder.c_str(), kOwnFolder) != 0) return system_fault("mkdir", folder);
    const wire::Descriptor opened(
        ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!opened) return system_fault("open", folder);
    return give(opened.get(), place, place.of_controller ? kOwnFolder : kOpenFolder, folder);
}

Result<fs::path> Staging::at(const Place& place) {
    if (const auto found = staged_.find(place.name); found != staged_.end())
        return found->second.written;
    if (auto ok = make_folders(place.path.parent_path()); !ok) return tl::unexpected(ok.error());
    // What a killed one left goes; the name is nobody else's.
    const fs::path written = place.path.string() + ".restoring";
    std::error_code error;
    fs::remove_all(written, error);
    if (error) return fail(Errc::io, written.string() + ": " + error.message());
    if (place.is_folder)
        if (auto ok = make_folder(written, place); !ok) return tl::unexpected(ok.error());
    staged_[place.name] = {place.path, written};
    return written;
}

Status Staging::create(const Place& place, const fs::path& target) {
    const auto base = at(place);
    if (!base) return tl::unexpected(base.error());
    auto path = *base;
    if (place.is_folder) {
        const auto below = target.lexically_relative(place.path);
        for (const auto& part : below.parent_path()) {
            path /= part;
            if (!is_there(path))
                if (auto ok = make_folder(path, place); !ok) return ok;
        }
        path /= below.filename();
    }
    file_ = wire::Descriptor(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kOwnFile));
    if (!file_) return system_fault("create", path);
    file_path_ = path;
    return give(file_.get(), place, place.of_controller ? kOwnFile : kOpenFile, path);
}

Status Staging::write(std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(file_.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return system_fault("write", file_path_);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Status Staging::close() {
    if (::fsync(file_.get()) != 0) return system_fault("fsync", file_path_);
    file_ = {};
    return wire::sync_folder(file_path_.parent_path());
}

Result<Staging::Swapped> Staging::swap(const Staged& staged, const std::string& tail) {
    Swapped swapped{staged, {}};
    if (is_there(staged.target)) {
        swapped.aside = staged.target.string() + tail;
        if (is_there(swapped.aside))
            return fail(Errc::conflict, swapped.aside.string() + " exists");
        if (::rename(staged.target.c_str(), swapped.aside.c_str()) != 0)
            return system_fault("rename to", swapped.aside);
    }
    if (::rename(staged.written.c_str(), staged.target.c_str()) != 0) {
        auto fault = system_fault("rename to", staged.target);
        if (!swapped.aside.empty()) (void)::rename(swapped.aside.c_str(), staged.target.c_str());
        return fault;
    }
    return swapped;
}

void Staging::swap_back(const std::vector<Swapped>& swapped) {
    for (auto each = swapped.rbegin(); each != swapped.rend(); ++each) {
        (void)::rename(each->staged.target.c_str(), each->staged.written.c_str());
        if (!each->aside.empty()) (void)::rename(each->aside.c_str(), each->staged.target.c_str());
    }
}

Result<std::vector<fs::path>> Staging::commit(const std::string& tail) {
    std::vector<Swapped> swapped;
    for (const auto& [name, staged] : staged_) {
        auto done = swap(staged, tail);
        if (!done) {
            swap_back(swapped);
            return tl::unexpected(done.error());
        }
        swapped.push_back(std::move(*done));
    }
    std::vector<fs::path> aside;
    for (const auto& each : swapped) {
        (void)wire::sync_folder(each.staged.target.parent_path()); // the names are changed already
        if (!each.aside.empty()) aside.push_back(each.aside);
    }
    staged_.clear();
    made_.clear();
    return aside;
}

} // namespace sweepgate::backup
