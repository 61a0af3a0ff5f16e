// SPDX-License-Identifier: Apache-2.0
// Who was hit: packets by client, system and the server's port. Memory is bounded: rows beyond
// the limit are not opened, and what they would have held is counted as left out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/filter/port_class.hpp"
#include "dataplane/replay/piece.hpp"

namespace sweepgate::replay {

/// A packet as the filter reads it. Valid as long as what it was made of.
struct Record {
    filter::Frame frame; // `length` is less than `wire_length` when the capture was cut short
    Moment at = 0;
    std::uint32_t wire_length = 0; // of the packet; the frame may have been made for it
};

struct HitKey {
    Address client;
    SystemIndex system = kNoSystem;
    filter::Verdict verdict = filter::Verdict::drop; // monitor, limit, drop_limited, reject or drop
    filter::PortClass port_class = filter::PortClass::none;
    std::uint8_t protocol = 0; // IANA number
    std::optional<std::uint16_t> server_port;

    friend auto operator<=>(const HitKey&, const HitKey&) = default;
};

struct Tally {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0; // on the wire, without the frame check sequence
    Moment first = 0;
    Moment last = 0;

    void add(const Record& record);
};

/// Packets by what they are, in words. Memory is bounded: further kinds are "others".
class Kinds {
public:
    void add(const std::string& kind, const Record& record);
    [[nodiscard]] const std::map<std::string, Tally>& all() const { return kinds_; }

private:
    std::map<std::string, Tally> kinds_;
};

struct Hit {
    HitKey key;
    Tally tally;
};

/// About 120 bytes each.
inline constexpr std::size_t kMostRows = 500'000;

class Hits {
public:
    explicit Hits(std::size_t limit = kMostRows) : limit_(limit) {}

    void add(const HitKey& key, const Record& record);
    /// The `most` rows with most packets; of equal ones the smaller key first.
    [[nodiscard]] std::vector<Hit> top(std::size_t most) const;
    [[nodiscard]] std::size_t rows() const { return rows_.size(); }
    [[nodiscard]] std::size_t clients() const;
    [[nodiscard]] const Tally& left_out() const { return left_out_; }

private:
    std::size_t limit_;
    std::map<HitKey, Tally> rows_;
    Tally left_out_;
};

} // namespace sweepgate::replay
