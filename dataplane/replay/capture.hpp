// SPDX-License-Identifier: Apache-2.0
// Capture files, read and written piece by piece (savefile.hpp).
#pragma once

#include <filesystem>
#include <memory>

#include "dataplane/replay/savefile.hpp"

namespace sweepgate::replay {

class CaptureWriter;

class Capture {
public:
    /// Errors: not_found, io; bad_input when it is no capture. Each names the file.
    [[nodiscard]] static Result<Capture> open(const std::filesystem::path& path);

    /// The next piece; nothing at the end. Errors: bad_input naming file and record.
    [[nodiscard]] Result<std::optional<Piece>> next();

    /// A new file for pieces of this one. What there was is overwritten. A capture of some of the
    /// packets is made of them and of all pieces that are none; in a pcapng section its length,
    /// which changes with that, is no longer told.
    /// Errors: io; refused when it is the file that is being read.
    [[nodiscard]] Result<CaptureWriter> create(const std::filesystem::path& path) const;

    /// Number of the packet that was read last, from 1.
    [[nodiscard]] std::uint64_t number() const { return number_; }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    Capture(std::filesystem::path path, std::unique_ptr<Savefile> savefile)
        : path_(std::move(path)), savefile_(std::move(savefile)) {}

    std::filesystem::path path_;
    std::unique_ptr<Savefile> savefile_;
    std::uint64_t number_ = 0;
};

class CaptureWriter {
public:
    /// Errors: io naming the file and `number`, which is the record's in the file it came from.
    [[nodiscard]] Status write(const Piece& piece, std::uint64_t number);
    /// Writes what is still held back. Errors: io naming the file.
    [[nodiscard]] Status finish();

private:
    friend class Capture;
    CaptureWriter(std::filesystem::path path, File file)
        : path_(std::move(path)), file_(std::move(file)) {}

    std::filesystem::path path_;
    File file_;
};

} // namespace sweepgate::replay
