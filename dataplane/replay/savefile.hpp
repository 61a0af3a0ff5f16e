// SPDX-License-Identifier: Apache-2.0
// The two formats of capture files, read piece by piece: pcap (pcap-savefile(5)) with timestamps in
// micro- or nanoseconds, also with Kuznetzov's longer records; and pcapng
// (draft-ietf-opsawg-pcapng). Both in either byte order. libpcap is not used: it refuses a pcapng
// file whose interfaces differ in link type or snapshot length, cuts a record that is longer than
// the snapshot length, and does not write back what it read.
//
// Memory is bounded by the longest block that is accepted, 16 MiB.
#pragma once

#include <bit>
#include <cstdio>
#include <memory>
#include <span>
#include <vector>

#include "controlplane/model/result.hpp"
#include "dataplane/replay/piece.hpp"

namespace sweepgate::replay {

struct CloseFile {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

class Savefile {
public:
    Savefile() = default;
    Savefile(const Savefile&) = delete;
    Savefile& operator=(const Savefile&) = delete;
    virtual ~Savefile() = default;

    /// The next piece; nothing at the end. Errors: io; bad_input when it contradicts itself or ends
    /// in the middle. There is nothing behind an error.
    [[nodiscard]] virtual Result<std::optional<Piece>> next() = 0;
};

/// By its first bytes, which are read again. Errors: io; bad_input when it is neither.
[[nodiscard]] Result<std::unique_ptr<Savefile>> open_savefile(File file);

// For open_savefile() alone. The file stands at its start.
[[nodiscard]] Result<std::unique_ptr<Savefile>> open_pcap(File file);
[[nodiscard]] std::unique_ptr<Savefile> open_pcapng(File file);

/// Bytes of a file in one buffer, and numbers in them in either byte order.
class FileBytes {
public:
    explicit FileBytes(File file) : file_(std::move(file)) {}

    void clear() { bytes_.clear(); }
    /// Appends `count` bytes. False: the file ends before.
    [[nodiscard]] Result<bool> more(std::size_t count);
    /// Of the last more(): whether not one byte was left.
    [[nodiscard]] bool at_end() const { return at_end_; }

    [[nodiscard]] std::span<const std::uint8_t> all() const { return bytes_; }
    [[nodiscard]] std::uint8_t* at(std::size_t offset) { return bytes_.data() + offset; }
    [[nodiscard]] std::uint16_t read16(std::size_t offset) const;
    [[nodiscard]] std::uint32_t read32(std::size_t offset) const;
    /// Whether numbers have their most significant byte first.
    [[nodiscard]] bool is_big() const {
        return is_swapped_ == (std::endian::native == std::endian::little);
    }
    void set_swapped(bool swapped) { is_swapped_ = swapped; }

private:
    File file_;
    std::vector<std::uint8_t> bytes_;
    bool at_end_ = false;
    bool is_swapped_ = false; // numbers are in the other byte order than this machine's
};

} // namespace sweepgate::replay
