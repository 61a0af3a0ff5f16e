// SPDX-License-Identifier: Apache-2.0
// What is behind the pointer that a vendor holds.
#pragma once

#include <memory>

#include "dataplane/capi/include/sweepgate/filter.h"
#include "dataplane/filter/tables.hpp"

struct sgf_filter {
    std::shared_ptr<sweepgate::filter::Arena> arena; // which the tables lie in
    std::unique_ptr<const sweepgate::filter::Tables> tables;
    sweepgate::Digest digest{};       // of the snapshot that they were made of
    std::int64_t schedules_until = 0; // see sgf_description
};
