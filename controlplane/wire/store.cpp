// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

#include "controlplane/model/regular_file.hpp"
#include "controlplane/wire/descriptor.hpp"
#include "controlplane/wire/envelope.hpp"

namespace sweepgate::wire {

namespace {

/// Root may write in place of the daemon that has to read it: owner and mode are those of `path`.
Status keep_owner(int file, const std::filesystem::path& path) {
    struct stat held {};
    if (::lstat(path.c_str(), &held) != 0 || !S_ISREG(held.st_mode)) return {};
    const bool foreign = held.st_uid != ::geteuid() || held.st_gid != ::getegid();
    if (foreign && ::geteuid() == 0 && ::fchown(file, held.st_uid, held.st_gid) != 0)
        return system_fault("chown to the owner of", path);
    if (::fchmod(file, held.st_mode & 0777U) != 0) return system_fault("chmod", path);
    return {};
}

/// The pid in the lock file, for the message only.
std::string holder_of(int lock) {
    std::array<char, 32> text{};
    const auto got = ::pread(lock, text.data(), text.size() - 1, 0);
    std::string pid(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    while (!pid.empty() && pid.back() == '\n') pid.pop_back();
    return pid.empty() ? "an unknown process" : "process " + pid;
}

Status write_pid(int lock, const std::filesystem::path& path) {
    const auto pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(lock, 0) != 0) return system_fault("truncate", path);
    if (::pwrite(lock, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
        return system_fault("write", path);
    return {};
}

} // namespace

Status save(const std::filesystem::path& path, std::string_view bytes) {
    // A temp name of our own: it is left over only by a crash and then simply overwritten.
    const std::filesystem::path temp = path.string() + ".new";
    const Descriptor file(
        ::open(temp.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return system_fault("create", temp);
    auto ok = keep_owner(file.get(), path);
    if (ok) ok = write_durably(file.get(), bytes, temp);
    if (ok && ::rename(temp.c_str(), path.c_str()) != 0) ok = system_fault("rename to", path);
    if (!ok) {
        ::unlink(temp.c_str());
        return within("last good kept", ok.error());
    }
    return sync_folder(folder_of(path));
}

std::filesystem::path before(const std::filesystem::path& path) {
    return path.string() + ".before";
}

Status save_next(const std::filesystem::path& path, std::string_view bytes) {
    // A second name for the same file: `path` is there at every moment.
    const auto kept = before(path);
    ::unlink(kept.c_str());
    std::error_code ignored;
    std::filesystem::create_hard_link(path, kept, ignored);
    return save(path, bytes);
}

Status restore_before(const std::filesystem::path& path) {
    if (::rename(before(path).c_str(), path.c_str()) != 0) {
        if (errno != ENOENT) return system_fault("rename to", path);
        if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_fault("delete", path);
    }
    return sync_folder(folder_of(path));
}

void keep_copy(const std::filesystem::path& copy, std::string_view text) {
    const auto kept = read_regular_file(copy, text.size());
    if (!kept || *kept != text) (void)save(copy, text);
}

Result<std::string> load(const std::filesystem::path& path) {
    auto file = open_to_read(path);
    if (!file) return tl::unexpected(file.error());
    return read_whole(file->get(), kMaxChainBytes, path);
}

Result<Snapshot> load_snapshot(const std::filesystem::path& path, std::span<const VerifyKey> keys) {
    const auto sealed = load(path);
    if (!sealed) return tl::unexpected(sealed.error());
    auto snapshot = open_chain(*sealed, keys);
    if (!snapshot) return within(path.string(), snapshot.error());
    return snapshot;
}

Result<StateFolder> StateFolder::open(const std::filesystem::path& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return system_fault("mkdir", folder);
    const auto path = folder / "lock";
    Descriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    // A file system that has turned read-only still holds locks.
    if (!lock && errno == EROFS) {
        lock = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        if (!lock) errno = EROFS; // that there is no such file follows from it
    }
    if (!lock) return system_fault("open", path);
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return system_fault("lock", path);
        return fail(Errc::conflict,
                    "state folder " + folder.string() + " is held by " + holder_of(lock.get()));
    }
    // It is told to others only; on a full disk the lock holds all the same.
    (void)write_pid(lock.get(), path);
    return StateFolder(folder, lock.release());
}

StateFolder::StateFolder(StateFolder&& other) noexcept
    : folder_(std::move(other.folder_)), lock_(std::exchange(other.lock_, -1)) {}

StateFolder& StateFolder::operator=(StateFolder&& other) noexcept {
    std::swap(folder_, other.folder_);
    std::swap(lock_, other.lock_);
    return *this;
}

StateFolder::~StateFolder() {
    if (lock_ >= 0) ::close(lock_);
}

} // namespace sweepgate::wire
