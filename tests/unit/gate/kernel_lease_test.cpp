// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/kernel_lease.hpp"

#include <algorithm>

#include <CppUTest/TestHarness.h>

using namespace sweepgate::gate;

TEST_GROUP(KernelLease){};

TEST(KernelLease, RecordIsReadAsItWasWritten) {
    const FormerSettings settings{{{"rx-gro", true}, {"rx-gro-list", false}}, 1500};
    CHECK_TRUE(settings == parse_former(to_text(settings)));
    CHECK_TRUE(FormerSettings{} == parse_former(""));
}

TEST(KernelLease, RecordThatWasTornGivesWhatIsWhole) {
    const auto settings =
        parse_former("feature rx-gro on\nfeature rx-gro-list o\nmtu x\nnonsense\n");
    CHECK_EQUAL(1, settings.features.size());
    CHECK_TRUE(settings.features.at("rx-gro"));
    CHECK_FALSE(settings.mtu.has_value());
}

TEST(KernelLease, WhatAKilledGateFoundGoesBeforeWhatItLeft) {
    const FormerSettings recorded{{{"rx-gro", true}}, 1500};
    const FormerSettings left{{{"rx-gro", false}, {"rx-lro", true}}, 9000};
    const auto former = merged(recorded, left);
    CHECK_TRUE(former.features.at("rx-gro"));
    CHECK_TRUE(former.features.at("rx-lro"));
    CHECK_EQUAL(1500, former.mtu.value());
}

TEST(KernelLease, JoiningIsAlwaysUnwantedAndTagsOnlyWhereTheyAreLost) {
    const auto names = [](bool hides_tags) { return unwanted_features(hides_tags); };
    for (const auto hides_tags : {false, true})
        for (const auto* joins : {"rx-gro", "rx-lro", "rx-gro-hw", "rx-gro-list"})
            CHECK_EQUAL(1, std::ranges::count(names(hides_tags), joins));
    CHECK_EQUAL(0, std::ranges::count(names(false), "rx-vlan-hw-parse"));
    CHECK_EQUAL(1, std::ranges::count(names(true), "rx-vlan-hw-parse"));
    CHECK_EQUAL(1, std::ranges::count(names(true), "rx-vlan-stag-hw-parse"));
}

TEST(KernelLease, TagsComeApartWhereTheKernelTakesThemOff) {
    CHECK_TRUE(keeps_tags_apart({{"rx-vlan-hw-parse", {true, true, false}}}));
    CHECK_TRUE(keeps_tags_apart({{"rx-vlan-stag-hw-parse", {false, true, false}}}));
    CHECK_FALSE(keeps_tags_apart({{"rx-vlan-hw-parse", {true, false, true}}}));
    CHECK_FALSE(keeps_tags_apart({}));
}

TEST(KernelLease, OfAnInterfaceThatIsNotThereIsRefused) {
    CHECK_FALSE(KernelLease::take(KernelInterface("sg-none"), KernelLease::By::af_packet, 0));
}

TEST(KernelLease, LoopbackTellsItsFeatures) {
    const auto features = read_features(KernelInterface("lo"));
    CHECK_TRUE(features.has_value());
    CHECK_TRUE(features->contains("rx-gro"));
    CHECK_FALSE(write_features(KernelInterface("lo"), {{"no-such-feature", false}}).has_value());
}
