// SPDX-License-Identifier: Apache-2.0
// pcap-savefile(5).
#include <algorithm>
#include <utility>

#include "dataplane/replay/savefile.hpp"

namespace sweepgate::replay {

namespace {

constexpr std::size_t kFileHeader = 24;
constexpr std::size_t kRecordHeader = 16;
constexpr std::size_t kLongRecordHeader = 24; // Kuznetzov: interface, protocol, packet type behind
constexpr std::uint32_t kMicroseconds = 0xA1B2C3D4;
constexpr std::uint32_t kNanoseconds = 0xA1B23C4D;
constexpr std::uint32_t kKuznetzov = 0xA1B2CD34; // microseconds
/// Of the link type's word; the others say how long the frame check sequence is.
constexpr std::uint32_t kLinkBits = 0x03FFFFFF;

bool is_magic(std::uint32_t word) {
    return word == kMicroseconds || word == kNanoseconds || word == kKuznetzov;
}

class Pcap final : public Savefile {
public:
    explicit Pcap(File file) : bytes_(std::move(file)) {}

    Status read_header() {
        const auto got = bytes_.more(kFileHeader);
        if (!got) return tl::unexpected(got.error());
        if (!*got) return fail(Errc::bad_input, "too short for a capture");
        const auto magic = bytes_.read32(0);
        bytes_.set_swapped(!is_magic(magic));
        const auto word = bytes_.read32(0);
        if (!is_magic(word)) return fail(Errc::bad_input, "no capture: neither pcap nor pcapng");
        const auto major = bytes_.read16(4);
        minor_ = bytes_.read16(6);
        if (major != 2)
            return fail(Errc::bad_input, "pcap version " + std::to_string(major) + "." +
                                             std::to_string(minor_) + "; only 2 is known");
        unit_ = word == kNanoseconds ? 1 : 1000;
        header_ = word == kKuznetzov ? kLongRecordHeader : kRecordHeader;
        snapshot_length_ = bytes_.read32(16);
        link_ = bytes_.read32(20) & kLinkBits;
        return {};
    }

    Result<std::optional<Piece>> next() override {
        if (!std::exchange(told_header_, true)) return Piece{bytes_.all(), {}};
        bytes_.clear();
        const auto header = bytes_.more(header_);
        if (!header) return tl::unexpected(header.error());
        if (!*header && bytes_.at_end()) return std::nullopt;
        if (!*header) return fail(Errc::bad_input, "the file ends in its header");
        auto captured = bytes_.read32(8);
        auto wire = bytes_.read32(12);
        // Before version 2.3 the two stood the other way round, in 2.3 either way.
        if (minor_ < 3 || (minor_ == 3 && captured > wire)) std::swap(captured, wire);
        if (captured > kMostCaptured)
            return fail(Errc::bad_input, "says that it has " + std::to_string(captured) + " bytes");
        const auto body = bytes_.more(captured);
        if (!body) return tl::unexpected(body.error());
        if (!*body)
            return fail(Errc::bad_input,
                        "the file ends before its " + std::to_string(captured) + " bytes do");
        Packet packet;
        packet.bytes = bytes_.all().subspan(header_);
        packet.wire_length = std::max(wire, captured);
        packet.at = Moment{bytes_.read32(0)} * 1'000'000'000 + Moment{bytes_.read32(4)} * unit_;
        packet.link = link_;
        packet.is_oversized = snapshot_length_ != 0 && captured > snapshot_length_;
        return Piece{bytes_.all(), packet};
    }

private:
    FileBytes bytes_;
    bool told_header_ = false;
    std::uint16_t minor_ = 4;
    Moment unit_ = 1000; // nanoseconds of a timestamp's fraction
    std::size_t header_ = kRecordHeader;
    std::uint32_t snapshot_length_ = 0; // 0: none
    std::uint32_t link_ = 0;
};

} // namespace

Result<std::unique_ptr<Savefile>> open_pcap(File file) {
    auto pcap = std::make_unique<Pcap>(std::move(file));
    if (auto ok = pcap->read_header(); !ok) return tl::unexpected(ok.error());
    return pcap;
}

} // namespace sweepgate::replay
