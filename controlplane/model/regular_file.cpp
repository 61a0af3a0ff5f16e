// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/regular_file.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sweepgate {

namespace {

tl::unexpected<Error> fault(const std::filesystem::path& path, int number) {
    return fail(number == ENOENT ? Errc::not_found : Errc::io,
                path.string() + ": " + errno_text(number));
}

struct File { // its descriptor, closed at the end
    int fd;
    explicit File(int opened) : fd(opened) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (fd >= 0) ::close(fd);
    }
};

} // namespace

Result<std::string> read_regular_file(const std::filesystem::path& path, std::size_t limit) {
    // O_NONBLOCK: opening a fifo would wait for whoever writes to it.
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.fd < 0) return fault(path, errno);
    struct stat status {};
    if (::fstat(file.fd, &status) != 0) return fault(path, errno);
    if (!S_ISREG(status.st_mode))
        return fail(Errc::io,
                    path.string() + (S_ISDIR(status.st_mode) ? ": is a folder, not a file"
                                                             : ": is not a regular file"));
    std::string text(std::min(static_cast<std::size_t>(status.st_size), limit) + 1, '\0');
    std::size_t held = 0;
    for (;;) { // to the end, also where the size is not known beforehand, as in /proc
        if (held > limit)
            return fail(Errc::io,
                        path.string() + ": larger than " + std::to_string(limit) + " bytes");
        if (held == text.size()) text.resize(std::min(text.size() * 2, limit + 1));
        const auto got = ::read(file.fd, text.data() + held, text.size() - held);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fault(path, errno);
        if (got == 0) break;
        held += static_cast<std::size_t>(got);
    }
    text.resize(held);
    return text;
}

} // namespace sweepgate
