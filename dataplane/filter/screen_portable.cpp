// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/screen_one.hpp"

namespace sweepgate::filter {

namespace {

template <typename Packet>
void screen(const Tables& tables, const Packet* packets, std::size_t count,
            Screened& screened) noexcept {
    Listed listed(tables, screened);
    for (std::size_t i = 0; i < count; ++i)
        screen_one(tables, frame_of(packets[i]), i, screened, listed);
}

} // namespace

const Screen& portable_screen() noexcept {
    static constexpr Screen kScreen{"portable", screen<Frame>, screen<rte_mbuf*>};
    return kScreen;
}

} // namespace sweepgate::filter
