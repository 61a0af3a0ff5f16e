// SPDX-License-Identifier: Apache-2.0
// draft-ietf-opsawg-pcapng: blocks of a type, a length, a body and the length again. A section
// fixes the byte order and numbers its interfaces from 0.
#include <algorithm>
#include <cstring>
#include <limits>

#include "dataplane/replay/savefile.hpp"

namespace sweepgate::replay {

namespace {

constexpr std::uint32_t kSection = 0x0A0D0D0A;
constexpr std::uint32_t kInterface = 1;
constexpr std::uint32_t kOldPacket = 2; // obsolete
constexpr std::uint32_t kSimplePacket = 3;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::uint32_t kByteOrder = 0x1A2B3C4D;

constexpr std::size_t kBlockHeader = 8;
constexpr std::size_t kBlockTrailer = 4;
constexpr std::uint32_t kMostBlock = 16U << 20U;
constexpr std::size_t kMostInterfaces = 65'536;

constexpr std::uint16_t kResolution = 9; // if_tsresol
constexpr std::uint16_t kOffset = 14;    // if_tsoffset

struct Interface {
    std::uint32_t link = 0;
    std::uint32_t snapshot_length = 0; // 0: none
    std::uint8_t resolution = 6;       // of a tick: 10^-n seconds, or 2^-n with the top bit set
    Moment offset = 0;                 // seconds
};

Moment to_moment(std::uint64_t ticks, const Interface& from) {
    constexpr unsigned kMostDecimal = 18;
    constexpr unsigned kMostBinary = 63;
    const unsigned exponent = from.resolution & 0x7FU;
    const bool is_binary = (from.resolution & 0x80U) != 0;
    // A finer tick than these does not fit 64 bits of seconds either: all is the first second.
    if (exponent > (is_binary ? kMostBinary : kMostDecimal)) return 0;
    unsigned __int128 per_second = 1;
    for (unsigned i = 0; i < exponent; ++i) per_second *= is_binary ? 2 : 10;
    const auto nanoseconds =
        static_cast<__int128>(static_cast<unsigned __int128>(ticks) * 1'000'000'000U / per_second) +
        static_cast<__int128>(from.offset) * 1'000'000'000;
    constexpr __int128 kLast = std::numeric_limits<Moment>::max();
    return static_cast<Moment>(std::clamp<__int128>(nanoseconds, -kLast, kLast));
}

std::uint32_t padded(std::uint32_t length) { return (length + 3U) & ~3U; }

class Pcapng final : public Savefile {
public:
    explicit Pcapng(File file) : bytes_(std::move(file)) {}

    Result<std::optional<Piece>> next() override {
        bytes_.clear();
        const auto header = bytes_.more(kBlockHeader);
        if (!header) return tl::unexpected(header.error());
        if (!*header && bytes_.at_end()) return std::nullopt;
        if (!*header) return fail(Errc::bad_input, "the file ends in a block's header");
        const auto type = bytes_.read32(0);
        if (type == kSection) { // alike in either order, which the next word tells
            if (auto ok = begin_section(); !ok) return tl::unexpected(ok.error());
        }
        if (auto ok = read_rest(); !ok) return tl::unexpected(ok.error());
        Piece piece{bytes_.all(), {}};
        Status read;
        switch (type) {
        case kSection: forget_section_length(); break;
        case kInterface: read = add_interface(); break;
        case kEnhancedPacket:
        case kOldPacket: read = read_packet(piece, type == kOldPacket); break;
        case kSimplePacket: read = read_simple(piece); break;
        default: break;
        }
        if (!read) return tl::unexpected(read.error());
        return piece;
    }

private:
    Status begin_section() {
        const auto order = bytes_.more(4);
        if (!order) return tl::unexpected(order.error());
        if (!*order) return fail(Errc::bad_input, "the file ends in a section's header");
        bytes_.set_swapped(false);
        if (bytes_.read32(kBlockHeader) != kByteOrder) bytes_.set_swapped(true);
        if (bytes_.read32(kBlockHeader) != kByteOrder)
            return fail(Errc::bad_input, "a section without a byte order");
        interfaces_.clear();
        return {};
    }

    /// Of a block whose first bytes are there.
    Status read_rest() {
        const auto length = bytes_.read32(4);
        const auto held = bytes_.all().size();
        if (length < held + kBlockTrailer || length % 4 != 0 || length > kMostBlock)
            return fail(Errc::bad_input, "a block of " + std::to_string(length) + " bytes");
        const auto rest = bytes_.more(length - held);
        if (!rest) return tl::unexpected(rest.error());
        if (!*rest)
            return fail(Errc::bad_input, "the file ends before the " + std::to_string(length) +
                                             " bytes of a block do");
        if (bytes_.read32(length - kBlockTrailer) != length)
            return fail(Errc::bad_input, "a block's two lengths differ");
        return {};
    }

    /// A copy has fewer packets. All ones: not told.
    void forget_section_length() {
        constexpr std::size_t kSectionLength = 16;
        if (bytes_.all().size() >= kSectionLength + 8 + kBlockTrailer)
            std::memset(bytes_.at(kSectionLength), 0xFF, 8);
    }

    /// Bytes of the body that may be read from `at` on.
    [[nodiscard]] std::size_t room(std::size_t at) const {
        const auto end = bytes_.all().size() - kBlockTrailer;
        return at <= end ? end - at : 0;
    }

    Status add_interface() {
        if (room(kBlockHeader) < 8) return fail(Errc::bad_input, "an interface that is cut");
        if (interfaces_.size() >= kMostInterfaces)
            return fail(Errc::bad_input, "more than 65536 interfaces");
        Interface added{bytes_.read16(8), bytes_.read32(12)};
        for (std::size_t at = 16; room(at) >= 4;) {
            const auto code = bytes_.read16(at);
            const std::uint32_t length = bytes_.read16(at + 2);
            if (code == 0 || room(at + 4) < length) break;
            if (code == kResolution && length == 1) added.resolution = *bytes_.at(at + 4);
            if (code == kOffset && length == 8) added.offset = read_offset(at + 4);
            at += 4 + padded(length);
        }
        interfaces_.push_back(added);
        return {};
    }
    [[nodiscard]] Moment read_offset(std::size_t at) const {
        const auto first = bytes_.read32(at);
        const auto second = bytes_.read32(at + 4);
        const bool is_big = bytes_.is_big();
        const auto high = is_big ? first : second;
        return static_cast<Moment>(std::uint64_t{high} << 32U | (is_big ? second : first));
    }

    /// Interface, time, captured, on the wire. Old ones have two bytes for the interface, and how
    /// many packets were lost behind it.
    Status read_packet(Piece& piece, bool is_old) {
        constexpr std::size_t kFixed = 20;
        if (room(kBlockHeader) < kFixed) return fail(Errc::bad_input, "a packet that is cut");
        const std::uint32_t number = is_old ? bytes_.read16(8) : bytes_.read32(8);
        const auto ticks = std::uint64_t{bytes_.read32(12)} << 32U | bytes_.read32(16);
        return put(piece, number, bytes_.read32(20), bytes_.read32(24), kBlockHeader + kFixed,
                   ticks);
    }
    /// Of the first interface, without a time; cut at its snapshot length.
    Status read_simple(Piece& piece) {
        if (room(kBlockHeader) < 4) return fail(Errc::bad_input, "a packet that is cut");
        const auto wire = bytes_.read32(8);
        auto captured = wire;
        if (!interfaces_.empty() && interfaces_[0].snapshot_length != 0)
            captured = std::min(wire, interfaces_[0].snapshot_length);
        return put(piece, 0, captured, wire, 12, {});
    }
    Status put(Piece& piece, std::uint32_t number, std::uint32_t captured, std::uint32_t wire,
               std::size_t at, std::optional<std::uint64_t> ticks) {
        if (number >= interfaces_.size())
            return fail(Errc::bad_input,
                        "interface " + std::to_string(number) + " is not described");
        if (captured > kMostCaptured || captured > room(at))
            return fail(Errc::bad_input, "says that it has " + std::to_string(captured) + " bytes");
        const auto& from = interfaces_[number];
        Packet packet;
        packet.bytes = bytes_.all().subspan(at, captured);
        packet.wire_length = std::max(wire, captured);
        packet.at = ticks ? to_moment(*ticks, from) : 0;
        packet.link = from.link;
        packet.is_oversized = from.snapshot_length != 0 && captured > from.snapshot_length;
        piece.packet = packet;
        return {};
    }

    FileBytes bytes_;
    std::vector<Interface> interfaces_;
};

} // namespace

std::unique_ptr<Savefile> open_pcapng(File file) {
    return std::make_unique<Pcapng>(std::move(file));
}

} // namespace sweepgate::replay
