// SPDX-License-Identifier: Apache-2.0
// The edition in force, read by lcores without a lock and swapped by a control thread.
//
// RCU by quiescent states (rte_rcu_qsbr): an lcore takes the pointer once a burst and reports
// between bursts that it holds none. The writer publishes the new pointer, waits until each lcore
// has reported once since, and only then frees the old edition.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

#include "controlplane/model/result.hpp"
#include "dataplane/filter/tables.hpp"
#include "dataplane/gate/counters.hpp"

struct rte_rcu_qsbr;

namespace sweepgate::gate {

/// Tables and the counters that belong to their system indexes, of each lcore.
struct Edition {
    std::unique_ptr<const filter::Tables> tables;
    std::vector<std::vector<SystemCounters>> counters; // [lcore index][system]
};

struct FreeAligned {
    void operator()(void* memory) const noexcept { std::free(memory); }
};

class Live {
public:
    explicit Live(unsigned readers);
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

    /// The writer's side, one at a time. Returns the old edition (or nullptr) when no lcore can
    /// hold it any more. Errors: unavailable when an lcore has not reported for five seconds;
    /// the new edition is in force and the old one is kept until this object dies.
    [[nodiscard]] Result<std::unique_ptr<Edition>> swap(std::unique_ptr<Edition> next);

private:
    std::unique_ptr<rte_rcu_qsbr, FreeAligned> qsbr_;
    std::atomic<Edition*> current_{nullptr};
    std::vector<std::unique_ptr<Edition>> stranded_;
};

} // namespace sweepgate::gate
