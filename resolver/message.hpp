// SPDX-License-Identifier: Apache-2.0
// The wire form of DNS: numbers, names and records at offsets of one message. Each read checks
// its bounds and says with `false` that the message is cut or lies.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sweepgate::dns {

inline constexpr std::size_t kHeaderSize = 12;

/// A name as length-prefixed labels with the root's zero, letters in lower case, uncompressed.
/// Holds any octets a server may send, '*' and '.' inside a label included.
class WireName {
public:
    static constexpr std::size_t kLongest = 255; // RFC 1035 section 2.3.4

    /// `text` has dots between labels only (canonical_name()); "" is the root.
    [[nodiscard]] static std::optional<WireName> from_text(std::string_view text);

    [[nodiscard]] std::span<const std::uint8_t> octets() const {
        return std::span(octets_).first(size_);
    }
    /// Presentation form without trailing dot; RFC 4343 section 2.1 escapes (\., \\, \DDD).
    [[nodiscard]] std::string text() const;
    [[nodiscard]] bool is_root() const { return size_ == 1; }
    /// Equal to `ancestor` or below it.
    [[nodiscard]] bool is_within(const WireName& ancestor) const;

    WireName() {} // NOLINT: `= default` would let WireName{} zero what is not read
    void clear() { size_ = 0; }
    /// One label, or the root for an empty span. False when the name would exceed kLongest.
    [[nodiscard]] bool append(std::span<const std::uint8_t> label);

    friend bool operator==(const WireName& left, const WireName& right);

private:
    std::array<std::uint8_t, kLongest> octets_; // the first size_ of them are set
    std::size_t size_ = 0;
};

/// Fixed part of a resource record; `owner` and `rdata` are offsets into the message.
struct Record {
    std::size_t owner = 0;
    std::uint16_t type = 0;
    std::uint16_t rr_class = 0;
    std::uint32_t ttl = 0; // as on the wire
    std::size_t rdata = 0;
    std::size_t rdata_size = 0;

    [[nodiscard]] std::size_t rdata_end() const { return rdata + rdata_size; }
};

/// RFC 2181 section 8: a TTL with its top bit set counts as 0.
[[nodiscard]] constexpr std::uint32_t effective_ttl(std::uint32_t on_wire) {
    return (on_wire >> 31U) != 0 ? 0 : on_wire;
}

class Message {
public:
    explicit Message(std::span<const std::uint8_t> octets) : octets_(octets) {}

    [[nodiscard]] std::size_t size() const { return octets_.size(); }
    [[nodiscard]] std::span<const std::uint8_t> slice(std::size_t at, std::size_t count) const {
        return octets_.subspan(at, count); // the caller has checked a record around it
    }
    [[nodiscard]] bool read_u8(std::size_t& at, std::uint8_t& value) const;
    [[nodiscard]] bool read_u16(std::size_t& at, std::uint16_t& value) const;
    [[nodiscard]] bool read_u32(std::size_t& at, std::uint32_t& value) const;

    /// Moves `at` behind the name. Pointers must point backwards; at most 64 are followed.
    [[nodiscard]] bool read_name(std::size_t& at, WireName& name) const;
    [[nodiscard]] bool skip_name(std::size_t& at) const;
    /// Where the labels of the name at `at` begin, past the pointers in front of them. Names that
    /// begin at one place are one name, and most owners in a message point to the same place.
    [[nodiscard]] std::size_t first_label(std::size_t at) const;
    /// Moves `at` behind the name if it is `text` (as for WireName::from_text()) without pointers.
    [[nodiscard]] bool read_this_name(std::size_t& at, std::string_view text) const;
    /// Moves `at` behind the record. The owner is skipped, not read.
    [[nodiscard]] bool read_record(std::size_t& at, Record& record) const;

private:
    std::span<const std::uint8_t> octets_;
};

} // namespace sweepgate::dns
