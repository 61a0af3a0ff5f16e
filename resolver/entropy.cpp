// SPDX-License-Identifier: Apache-2.0
#include "resolver/entropy.hpp"

#include <cerrno>
#include <cstdlib>

#include <sys/random.h>

namespace sweepgate::dns {

std::uint64_t Entropy::bits() {
    if (used_ == pool_.size()) refill();
    const auto drawn = pool_[used_];
    pool_[used_++] = 0;
    return drawn;
}

// getrandom(2) fails on no kernel that boots Debian 12 except by a signal; guessable ids would
// be worse than no process.
void Entropy::refill() {
    auto* const bytes = reinterpret_cast<unsigned char*>(pool_.data());
    for (std::size_t filled = 0; filled < sizeof pool_;) {
        const auto count = getrandom(bytes + filled, sizeof pool_ - filled, 0);
        if (count < 0 && errno != EINTR) std::abort();
        if (count > 0) filled += static_cast<std::size_t>(count);
    }
    used_ = 0;
}

} // namespace sweepgate::dns
