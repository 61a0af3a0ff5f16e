// SPDX-License-Identifier: Apache-2.0
// Hits on their way from one lcore to the control thread: one writer, one reader, no lock. Full
// means full: the writer goes on without.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "controlplane/model/hits.hpp"
#include "dataplane/filter/verdict.hpp"

namespace sweepgate::gate {

/// 32 bytes: two to a cache line.
struct HitRecord {
    std::array<std::uint8_t, 16> client{}; // network order; an IPv4 address takes four
    std::uint32_t weight = 0;              // hits that it stands for
    std::uint16_t system = 0;              // number that the gate gave the system's id
    std::uint16_t port = 0;                // the server's, when has_port
    std::uint8_t protocol = 0;
    bool is_ipv4 = false;
    bool has_port = false;
    PortClass port_class = PortClass::none;
    filter::Verdict verdict = filter::Verdict::drop;
};
static_assert(sizeof(HitRecord) <= 32);

class HitRing {
public:
    static constexpr std::uint32_t kCapacity = 1024;

    // The writer's side.
    [[nodiscard]] std::uint32_t used() noexcept {
        // What the reader took since last time matters only when a burst might seem to fill half.
        if (written_ - taken_seen_ >= kCapacity / 2 - filter::kMaxBurst)
            taken_seen_ = taken_.load(std::memory_order_acquire);
        return written_ - taken_seen_;
    }
    /// There is room: used() < kCapacity.
    void push(const HitRecord& record) noexcept {
        records_[written_ % kCapacity] = record;
        ++written_;
    }
    /// From here on the reader sees what was pushed.
    void publish() noexcept { published_.store(written_, std::memory_order_release); }

    /// The reader's side: gives `take` at most `most` records. Returns how many.
    template <typename Take>
    std::uint32_t drain(std::uint32_t most, Take take) {
        const auto from = taken_.load(std::memory_order_relaxed);
        const auto waiting = published_.load(std::memory_order_acquire) - from;
        const auto count = waiting < most ? waiting : most;
        for (std::uint32_t i = 0; i < count; ++i) take(records_[(from + i) % kCapacity]);
        taken_.store(from + count, std::memory_order_release);
        return count;
    }

private:
    // Free-running; the writer's line, the reader's, and what both look at.
    alignas(64) std::uint32_t written_ = 0;
    std::uint32_t taken_seen_ = 0;
    std::atomic<std::uint32_t> published_{0};
    alignas(64) std::atomic<std::uint32_t> taken_{0};
    alignas(64) std::array<HitRecord, kCapacity> records_{};
};

} // namespace sweepgate::gate
