// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/unit/resolver/lab.hpp"

#include <CppUTest/TestHarness.h>

namespace sweepgate::test {

/// All `count` questions ended alike, and each once.
inline void check_all(const Swept& swept, const std::string& outcome, unsigned count) {
    STRCMP_EQUAL("", swept.fault.c_str());
    CHECK_EQUAL(count, swept.count(outcome));
    CHECK_EQUAL(count, swept.answers.size());
    CHECK_EQUAL(0U, swept.repeated);
}

} // namespace sweepgate::test
