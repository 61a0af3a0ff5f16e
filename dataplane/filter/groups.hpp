// SPDX-License-Identifier: Apache-2.0
// Client address -> group. The sources of all groups, flattened so that the longest prefix has
// already won: one binary search answers, and none is made when there is only "everyone".
#pragma once

#include <cstdint>
#include <vector>

#include "dataplane/filter/flatten.hpp"

namespace sweepgate::filter {

class Groups {
public:
    Groups() = default;
    explicit Groups(const std::vector<Group>& groups);

    [[nodiscard]] GroupIndex of(const Address& client) const noexcept;
    [[nodiscard]] std::size_t memory_bytes() const;

private:
    std::vector<Stretch> stretches4_; // `id` is the group
    std::vector<Stretch> stretches6_;
};

} // namespace sweepgate::filter
