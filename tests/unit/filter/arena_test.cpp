// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/arena.hpp"

#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <CppUTest/TestHarness.h>

using namespace sweepgate::filter;

namespace {

/// The NUMA policy of an address: get_mempolicy(2).
int policy_of(void* address) {
    int mode = -1;
    const auto failed = syscall(SYS_get_mempolicy, &mode, nullptr, 0UL, address, MPOL_F_ADDR);
    return failed == 0 ? mode : -1;
}

} // namespace

TEST_GROUP(Arena){};

TEST(Arena, TakesItsMemoryFromTheNodeItWasTold) {
    Arena arena(0);
    const auto made = arena.make<int>(1000);
    CHECK_EQUAL(0, made[999]);
    const int policy = policy_of(made.data());
    if (policy != -1) CHECK_EQUAL(MPOL_PREFERRED, policy); // -1: a kernel without NUMA
}

TEST(Arena, WorksWithoutANodeOfThatNumber) {
    for (const int node : {Arena::kAnyNode, 63, 1000}) {
        Arena arena(node);
        CHECK_EQUAL(0, arena.make<int>(1000)[999]);
    }
}
