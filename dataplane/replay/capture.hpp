// SPDX-License-Identifier: Apache-2.0
// Capture files, read and written record by record. pcap with timestamps in micro- or nanoseconds
// and in either byte order, and pcapng, as far as libpcap reads it (pcap-savefile(5)).
//
// Traps of libpcap: a record's bytes live until the next one is read; a record longer than the
// file's own snapshot length is cut to that; pcap_dump() tells nobody that a disk is full.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "controlplane/model/result.hpp"
#include "dataplane/filter/frame.hpp"

struct pcap;
struct pcap_dumper;
struct pcap_pkthdr;

namespace sweepgate::replay {

/// Nanoseconds since 1970.
using Moment = std::int64_t;

/// Valid until the next one is read.
struct Record {
    filter::Frame frame; // `length` is less than `wire_length` when the capture was cut short
    Moment at = 0;
    const pcap_pkthdr* header = nullptr; // for CaptureWriter
};

class CaptureWriter;

class Capture {
public:
    /// Errors: not_found, io; bad_input when it is no capture of Ethernet frames. Each names the
    /// file.
    [[nodiscard]] static Result<Capture> open(const std::filesystem::path& path);

    /// The next record; nothing at the end. Errors: bad_input naming file and record.
    [[nodiscard]] Result<std::optional<Record>> next();

    /// A new file for records of this one: their bytes and times come out as they are. What there
    /// was is overwritten. pcapng comes out as pcap with nanoseconds.
    /// Errors: io; refused when it is the file that is being read.
    [[nodiscard]] Result<CaptureWriter> create(const std::filesystem::path& path) const;

    /// Number of the record that was read last, from 1.
    [[nodiscard]] std::uint64_t number() const { return number_; }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    struct Close {
        void operator()(pcap* raw) const noexcept;
    };
    Capture(std::filesystem::path path, pcap* raw, Moment unit)
        : path_(std::move(path)), handle_(raw), unit_(unit) {}

    std::filesystem::path path_;
    std::unique_ptr<pcap, Close> handle_;
    Moment unit_; // nanoseconds of a timestamp's fraction: 1 or 1000
    std::uint64_t number_ = 0;
};

class CaptureWriter {
public:
    /// Errors: io naming the file and `number`, which is the record's in the file it came from.
    [[nodiscard]] Status write(const Record& record, std::uint64_t number);
    /// Writes what is still held back. Errors: io naming the file.
    [[nodiscard]] Status finish();

private:
    friend class Capture;
    struct Close {
        void operator()(pcap_dumper* raw) const noexcept;
    };
    CaptureWriter(std::filesystem::path path, pcap_dumper* raw)
        : path_(std::move(path)), handle_(raw) {}

    std::filesystem::path path_;
    std::unique_ptr<pcap_dumper, Close> handle_;
};

} // namespace sweepgate::replay
