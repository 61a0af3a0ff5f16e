// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/screen.hpp"

#include <vector>

#include "dataplane/filter/screens.hpp"

namespace sweepgate::filter {

namespace {

std::vector<Screen> find_screens() {
    std::vector<Screen> found;
#ifdef __x86_64__
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        found.push_back(avx512_screen());
    if (__builtin_cpu_supports("avx2")) found.push_back(avx2_screen());
#endif
    found.push_back(portable_screen());
    return found;
}

} // namespace

std::span<const Screen> screens() noexcept {
    static const auto kFound = find_screens();
    return kFound;
}

} // namespace sweepgate::filter
