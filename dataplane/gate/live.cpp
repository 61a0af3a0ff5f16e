// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/live.hpp"

#include <cstdlib>
#include <thread>

#include <rte_rcu_qsbr.h>

namespace sweepgate::gate {

Live::Live(unsigned readers) {
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

Result<std::unique_ptr<Edition>> Live::swap(std::unique_ptr<Edition> next) {
    using namespace std::chrono_literals;
    std::unique_ptr<Edition> old(current_.exchange(next.release(), std::memory_order_acq_rel));
    const auto token = rte_rcu_qsbr_start(qsbr_.get());
    const auto published = std::chrono::steady_clock::now();
    while (rte_rcu_qsbr_check(qsbr_.get(), token, false) != 1) {
        const auto waited = std::chrono::steady_clock::now() - published;
        if (waited > 5s) {
            stranded_.push_back(std::move(old));
            return fail(Errc::unavailable, "a forwarding lcore has not turned for five seconds");
        }
        if (waited > 100us) std::this_thread::sleep_for(20us);
    }
    return old;
}

} // namespace sweepgate::gate
