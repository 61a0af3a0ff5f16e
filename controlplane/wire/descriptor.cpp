// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace sweepgate::wire {

tl::unexpected<Error> system_fault(std::string_view call, const std::filesystem::path& path) {
    const auto number = errno;
    return fail(number == ENOENT ? Errc::not_found : Errc::io,
                std::string(call) + " " + path.string() + ": " + errno_text(number));
}

Status write_durably(int fd, std::string_view bytes, const std::filesystem::path& path) {
    while (!bytes.empty()) {
        const auto written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return system_fault("write", path);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    // Delayed allocation reports a full disk only here.
    if (::fsync(fd) != 0) return system_fault("fsync", path);
    return {};
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

Status sync_folder(const std::filesystem::path& folder) {
    const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened) return system_fault("open", folder);
    if (::fsync(opened.get()) != 0) return system_fault("fsync", folder);
    return {};
}

Result<Descriptor> open_to_read(const std::filesystem::path& path) {
    // O_NONBLOCK: a fifo in the place of a file must not hold us.
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) return system_fault("open", path);
    return file;
}

Result<std::string> read_whole(int fd, std::size_t limit, const std::filesystem::path& path) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return system_fault("fstat", path);
    if (!S_ISREG(status.st_mode))
        return fail(Errc::bad_input, path.string() + ": not a regular file");
    std::string bytes;
    bytes.resize(std::min(static_cast<std::size_t>(status.st_size), limit) + 1);
    std::size_t held = 0;
    for (;;) {
        if (held > limit)
            return fail(Errc::bad_input,
                        path.string() + ": over " + std::to_string(limit) + " bytes");
        if (held == bytes.size()) bytes.resize(std::min(bytes.size() * 2, limit + 1));
        const auto got = ::read(fd, bytes.data() + held, bytes.size() - held);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_fault("read", path);
        if (got == 0) break;
        held += static_cast<std::size_t>(got);
    }
    bytes.resize(held);
    return bytes;
}

} // namespace sweepgate::wire
