// SPDX-License-Identifier: Apache-2.0
// The outermost layer of a backup file: bytes in, the same bytes out or an error.
//
//   plain    "sweepgate-backup 1 plain\n", bytes, BLAKE2b-256 of all before it
//   sealed   "sweepgate-backup 1 sealed\n", 16 bytes of salt, 24 of header, then the bytes in
//   pieces of
//            64 KiB, each encrypted and authenticated (XChaCha20-Poly1305, libsodium's
//            secretstream); the last one is marked, so that a file that ends too early is told from
//            a whole one
//
// The key of a sealed one is Argon2id of passphrase and salt. Its cost is fixed: a file that could
// name it could take all memory. Of a plain one the sum tells damage, and nothing tells an author.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "controlplane/model/result.hpp"

namespace sweepgate::backup {

inline constexpr std::size_t kLeastPassphrase =
    12; // bytes: whoever has the file may guess for years
inline constexpr std::size_t kMostPassphrase = 1024;

/// Writes to a file of its own beside `path`, mode 0600, which gets the name when all is on disk.
class EnvelopeWriter {
public:
    ///   passphrase  nothing: plain
    ///   replace     what lies at `path`; else it stays
    /// Errors: conflict when `path` exists; io.
    static Result<EnvelopeWriter> create(const std::filesystem::path& path,
                                         const std::optional<std::string>& passphrase,
                                         bool replace);
    EnvelopeWriter(EnvelopeWriter&&) noexcept;
    EnvelopeWriter& operator=(EnvelopeWriter&&) noexcept;
    ~EnvelopeWriter(); // not finished: nothing stays

    Status write(std::span<const std::uint8_t> bytes);
    Status finish();

private:
    struct State;
    explicit EnvelopeWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

class EnvelopeReader {
public:
    /// Reads a plain one to its end before it says yes.
    ///   passphrase  asked for when the file is sealed
    /// Errors: not_found, io; bad_input for what is no backup, cut short or changed; those of
    /// `passphrase`.
    static Result<EnvelopeReader> open(const std::filesystem::path& path,
                                       const std::function<Result<std::string>()>& passphrase);
    EnvelopeReader(EnvelopeReader&&) noexcept;
    EnvelopeReader& operator=(EnvelopeReader&&) noexcept;
    ~EnvelopeReader();

    [[nodiscard]] bool sealed() const;
    [[nodiscard]] std::uint64_t file_bytes() const;
    /// The next ones, in a buffer that is good until the next call; empty at the end. Errors: io;
    /// bad_input for a wrong passphrase and for what is cut short or changed.
    Result<std::span<const std::uint8_t>> read();
    /// From the beginning again.
    Status rewind();

private:
    struct State;
    explicit EnvelopeReader(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace sweepgate::backup
