// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/live.hpp"

#include <cstdlib>
#include <thread>
#include <utility>

#include <rte_rcu_qsbr.h>

namespace sweepgate::gate {

Live::Live(unsigned readers, std::chrono::milliseconds grace_limit) : grace_limit_(grace_limit) {
    const auto size = rte_rcu_qsbr_get_memsize(readers);
    const auto rounded = (size + RTE_CACHE_LINE_SIZE - 1) & ~std::size_t{RTE_CACHE_LINE_SIZE - 1};
    qsbr_.reset(static_cast<rte_rcu_qsbr*>(std::aligned_alloc(RTE_CACHE_LINE_SIZE, rounded)));
    if (!qsbr_ || rte_rcu_qsbr_init(qsbr_.get(), readers) != 0) throw std::bad_alloc();
}

Live::~Live() { delete current_.load(); }

void Live::enter(unsigned reader) noexcept {
    rte_rcu_qsbr_thread_register(qsbr_.get(), reader);
    rte_rcu_qsbr_thread_online(qsbr_.get(), reader);
}

void Live::leave(unsigned reader) noexcept {
    rte_rcu_qsbr_thread_offline(qsbr_.get(), reader);
    rte_rcu_qsbr_thread_unregister(qsbr_.get(), reader);
}

void Live::report_quiescent(unsigned reader) noexcept {
    rte_rcu_qsbr_quiescent(qsbr_.get(), reader);
}

Swapped Live::swap(std::unique_ptr<Edition> next) {
    using namespace std::chrono_literals;
    waiting_.reserve(waiting_.size() + 1); // nothing throws once the new edition is in force
    if (Edition* old = current_.exchange(next.release(), std::memory_order_acq_rel))
        waiting_.emplace_back(old);
    const auto token = rte_rcu_qsbr_start(qsbr_.get());
    const auto published = std::chrono::steady_clock::now();
    while (rte_rcu_qsbr_check(qsbr_.get(), token, false) != 1) {
        const auto waited = std::chrono::steady_clock::now() - published;
        if (waited > grace_limit_) return {false, {}};
        if (waited > 100us) std::this_thread::sleep_for(20us);
    }
    return {true, std::exchange(waiting_, {})};
}

} // namespace sweepgate::gate
