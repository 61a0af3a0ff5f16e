// SPDX-License-Identifier: Apache-2.0
#include "controlplane/book/completeness.hpp"

namespace sweepgate {

void Completeness::add(std::uint64_t times) {
    if (times == 0) return;
    ++seen;
    incidences += times;
    once += times == 1 ? 1 : 0;
    twice += times == 2 ? 1 : 0;
}

std::optional<double> Completeness::coverage() const {
    if (draws < 2 || incidences == 0 || cut) return std::nullopt;
    if (once == 0) return 1.0;
    const auto later = static_cast<double>(draws - 1) * static_cast<double>(once);
    const auto missing = static_cast<double>(once) / static_cast<double>(incidences) * later /
                         (later + 2 * static_cast<double>(twice));
    return 1 - missing;
}

double Completeness::estimated() const {
    if (draws < 2 || once == 0 || cut) return static_cast<double>(seen);
    const auto t = static_cast<double>(draws);
    return static_cast<double>(seen) + (t - 1) / t * static_cast<double>(once) *
                                           static_cast<double>(once - 1) /
                                           (2 * static_cast<double>(twice + 1));
}

double Completeness::expected_new() const {
    const auto known = coverage();
    if (!known) return 1;
    return (1 - *known) * static_cast<double>(incidences) / static_cast<double>(draws);
}

} // namespace sweepgate
