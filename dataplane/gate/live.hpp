// SPDX-License-Identifier: Apache-2.0
// The edition in force, read by lcores without a lock and swapped by a control thread.
//
// RCU by quiescent states (rte_rcu_qsbr): an lcore takes the pointer once a burst and reports
// between bursts that it holds none. The writer publishes the new pointer, waits until each lcore
// has reported once since, and only then frees the old edition.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "dataplane/filter/port_classes.hpp"
#include "dataplane/filter/tables.hpp"
#include "dataplane/filter/token_bucket.hpp"
#include "dataplane/gate/counters.hpp"

struct rte_rcu_qsbr;

namespace sweepgate::gate {

/// One system's rate on one lcore, on a cache line of its own.
struct alignas(64) Meter {
    filter::TokenBucket bucket;
};

/// NUMA nodes that may forward.
inline constexpr std::size_t kMostCopies = 8;

/// Tables and the counters that belong to their system indexes, of each lcore.
struct Edition {
    std::array<const filter::Tables*, kMostCopies> near{};   // [LcoreView::copy]: alike, each local
    const filter::Tables* tables = nullptr;                  // the first copy
    std::vector<std::vector<SystemCounters>> counters;       // [lcore index][system]
    std::shared_ptr<const filter::PortClasses> port_classes; // shared by editions of equal systems
    std::vector<std::uint16_t> system_numbers; // [system]: who::SystemNames has the id
    /// [lcore index][system], null for a system that nothing limits. Shared by editions, so that a
    /// swap gives nobody a second burst; each is touched by its lcore only.
    std::vector<std::vector<std::shared_ptr<Meter>>> meters;
    bool has_limits = false; // a system has a meter

    /// One more copy; kMostCopies at most.
    void add(std::unique_ptr<const filter::Tables> copy) {
        near.at(owned_.size()) = copy.get();
        owned_.push_back(std::move(copy));
        tables = owned_.front().get();
    }

private:
    std::vector<std::unique_ptr<const filter::Tables>> owned_;
};

struct FreeAligned {
    void operator()(void* memory) const noexcept { std::free(memory); }
};

/// What became of a swap. The new edition is in force in any case.
struct Swapped {
    bool complete = true;                          // false: an lcore did not report in time
    std::vector<std::unique_ptr<Edition>> retired; // no lcore can hold these any more
};

class Live {
public:
    /// `grace_limit`: how long a swap waits for an lcore that does not turn.
    Live(unsigned readers, std::chrono::milliseconds grace_limit);
    ~Live();
    Live(const Live&) = delete;
    Live& operator=(const Live&) = delete;

    // An lcore's side; `reader` is its index.
    void enter(unsigned reader) noexcept;
    void leave(unsigned reader) noexcept;
    [[nodiscard]] Edition* current() const noexcept {
        return current_.load(std::memory_order_acquire);
    }
    void report_quiescent(unsigned reader) noexcept;

    /// The writer's side, one at a time. An edition that an lcore may still hold at the limit
    /// waits, and is retired by the next swap that completes.
    [[nodiscard]] Swapped swap(std::unique_ptr<Edition> next);
    [[nodiscard]] const std::vector<std::unique_ptr<Edition>>& waiting() const { return waiting_; }

private:
    std::unique_ptr<rte_rcu_qsbr, FreeAligned> qsbr_;
    std::atomic<Edition*> current_{nullptr};
    std::chrono::milliseconds grace_limit_;
    std::vector<std::unique_ptr<Edition>> waiting_; // replaced, and maybe held by an lcore
};

} // namespace sweepgate::gate
