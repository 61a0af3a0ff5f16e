// SPDX-License-Identifier: Apache-2.0
// port_class_of(), precomputed: one answer is a few loads, however many ports a system has.
//
//   system, transport -> row --[port / 256]--> page --[port % 256]--> class, two bits
//
// Systems share rows and pages, so a hundred of them fit the first-level cache.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "controlplane/model/hits.hpp"
#include "controlplane/model/system.hpp"

namespace sweepgate::filter {

class PortClasses {
public:
    PortClasses() = default;
    explicit PortClasses(const std::vector<System>& systems);

    /// `system` is an index into what this was made of. A protocol without ports has class none.
    [[nodiscard]] PortClass of(SystemIndex system, std::uint8_t protocol,
                               std::uint16_t port) const noexcept {
        const auto& row = rows_[row_of_[system * kSlots + kSlotOf[protocol]]];
        const auto word = pages_[row[port >> 8U]][(port >> 5U) & 7U];
        return static_cast<PortClass>(word >> (2 * (port & 31U)) & 3U);
    }
    [[nodiscard]] std::size_t memory_bytes() const;

private:
    static constexpr std::size_t kSlots = 4;    // TCP, UDP, SCTP, and all that has no ports
    using Page = std::array<std::uint64_t, 8>;  // 256 ports
    using Row = std::array<std::uint32_t, 256>; // 65536 ports, page by page
    static constexpr std::array<std::uint8_t, 256> kSlotOf = [] {
        std::array<std::uint8_t, 256> slots{};
        slots.fill(3);
        slots[static_cast<std::size_t>(Transport::tcp)] = 0;
        slots[static_cast<std::size_t>(Transport::udp)] = 1;
        slots[static_cast<std::size_t>(Transport::sctp)] = 2;
        return slots;
    }();

    std::vector<std::uint16_t> row_of_; // [system * kSlots + slot]
    std::vector<Row> rows_;
    std::vector<Page> pages_;
};

} // namespace sweepgate::filter
