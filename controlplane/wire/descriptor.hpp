// SPDX-License-Identifier: Apache-2.0
// Internal to this station: a file descriptor with an owner, and whole-buffer writes.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "controlplane/model/result.hpp"

namespace sweepgate::wire {

class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }

    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }
    [[nodiscard]] int release() { return std::exchange(fd_, -1); }

private:
    int fd_ = -1;
};

/// Errno of the last call as an io error: "write /var/lib/x: No space left on device".
[[nodiscard]] tl::unexpected<Error> system_fault(std::string_view call,
                                                 const std::filesystem::path& path);

/// Writes everything and fsyncs. Errors: io naming `path`.
[[nodiscard]] Status write_durably(int fd, std::string_view bytes,
                                   const std::filesystem::path& path);

/// "." of a name alone.
[[nodiscard]] std::filesystem::path folder_of(const std::filesystem::path& path);
/// The names in it are on disk. Errors: io, not_found.
[[nodiscard]] Status sync_folder(const std::filesystem::path& folder);

/// A regular file of at most `limit` bytes. Errors: not_found, io, bad_input (not a regular file,
/// over the limit).
[[nodiscard]] Result<std::string> read_whole(int fd, std::size_t limit,
                                             const std::filesystem::path& path);
[[nodiscard]] Result<Descriptor> open_to_read(const std::filesystem::path& path);

} // namespace sweepgate::wire
