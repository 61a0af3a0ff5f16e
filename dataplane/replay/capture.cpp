// SPDX-License-Identifier: Apache-2.0
#include "dataplane/replay/capture.hpp"

#include <sys/stat.h>

#include <cerrno>

namespace sweepgate::replay {

namespace {

tl::unexpected<Error> system_fault(const std::filesystem::path& path, int number) {
    return fail(number == ENOENT ? Errc::not_found : Errc::io,
                path.string() + ": " + errno_text(number));
}

Result<File> open_file(const std::filesystem::path& path) {
    File file(std::fopen(path.c_str(), "rbe"));
    if (!file) return system_fault(path, errno);
    struct stat status {};
    if (fstat(fileno(file.get()), &status) != 0) return system_fault(path, errno);
    // Its beginning is read twice.
    if (!S_ISREG(status.st_mode)) return fail(Errc::bad_input, path.string() + ": not a file");
    return file;
}

} // namespace

Result<Capture> Capture::open(const std::filesystem::path& path) {
    auto file = open_file(path);
    if (!file) return tl::unexpected(file.error());
    auto savefile = open_savefile(std::move(*file));
    if (!savefile) return within(path.string(), savefile.error());
    return Capture(path, std::move(*savefile));
}

Result<std::optional<Piece>> Capture::next() {
    auto piece = savefile_->next();
    if (!piece)
        return within(path_.string() + ": record " + std::to_string(number_ + 1), piece.error());
    if (*piece && (*piece)->packet) ++number_;
    return piece;
}

Result<CaptureWriter> Capture::create(const std::filesystem::path& path) const {
    std::error_code ignored; // a file that is not there yet is no fault
    if (std::filesystem::equivalent(path, path_, ignored))
        return fail(Errc::refused, path.string() + ": is the capture that is being read");
    File file(std::fopen(path.c_str(), "wbe"));
    if (!file) return system_fault(path, errno);
    return CaptureWriter(path, std::move(file));
}

Status CaptureWriter::write(const Piece& piece, std::uint64_t number) {
    errno = 0;
    if (std::fwrite(piece.raw.data(), 1, piece.raw.size(), file_.get()) == piece.raw.size())
        return {};
    return fail(Errc::io,
                path_.string() + ": record " + std::to_string(number) + ": " + errno_text(errno));
}

Status CaptureWriter::finish() {
    if (std::fflush(file_.get()) != 0) return system_fault(path_, errno);
    return {};
}

} // namespace sweepgate::replay
