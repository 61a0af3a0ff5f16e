// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/eal.hpp"

#include <sched.h>

#include <algorithm>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::gate;

namespace {

std::vector<unsigned> usable() {
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    std::vector<unsigned> processors;
    for (unsigned i = 0; i < CPU_SETSIZE; ++i)
        if (CPU_ISSET(i, &set)) processors.push_back(i);
    return processors;
}

/// Where main may run, as EAL is told: "127@(0,2),1@1" says "0,2".
std::string main_of(const std::vector<unsigned>& lcores) {
    const auto arguments = make_eal_arguments({}, lcores, {});
    const auto map = *(std::ranges::find(arguments, "--lcores") + 1);
    const auto begin = map.find("@(") + 2;
    return map.substr(begin, map.find(')') - begin);
}

std::string joined(const std::vector<unsigned>& numbers) {
    std::string text;
    for (const auto number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
    return text;
}

} // namespace

TEST_GROUP(Eal){};

TEST(Eal, KeepsControlThreadsOffTheProcessorsThatForward) {
    auto others = usable();
    if (others.size() < 2) return; // nothing to choose from
    const auto last = others.back();
    others.pop_back();
    STRCMP_EQUAL(joined(others).c_str(), main_of({last}).c_str());
}

TEST(Eal, LetsControlThreadsRunAnywhereWhenEveryProcessorForwards) {
    const auto all = usable();
    STRCMP_EQUAL(joined(all).c_str(), main_of(all).c_str());
}
