// SPDX-License-Identifier: Apache-2.0
// A gate holds what ours does not replace: the controller goes on above it.
#include "controlplane/controller/gate_alarms.hpp"
#include "tests/unit/controller/site.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;

TEST_GROUP(ContinueAbove) {
    test::ControllerSite site;
    void setup() override { STRCMP_EQUAL("", site.start().c_str()); }
    Generation ours() const { return site->view().snapshot->generation; }
};

TEST(ContinueAbove, ANewerGenerationAndWritesItDown) {
    const auto content = digest_of(*site->view().snapshot);
    LONGS_EQUAL(42, site->continue_above(41, Digest{1}, "box/nftables").value());
    LONGS_EQUAL(42, ours());
    CHECK_TRUE(digest_of(*site->view().snapshot) == content); // the number alone has changed
    const auto entry = site->audit_log(1).value().at(0);
    STRCMP_EQUAL("continue-above", entry.verb.c_str());
    STRCMP_CONTAINS("box/nftables holds generation 41", entry.detail.c_str());
    STRCMP_EQUAL("", site.start().c_str());
    LONGS_EQUAL(42, ours()); // also behind a restart
}

TEST(ContinueAbove, OurNumberWithAnotherContent) {
    const auto before = ours();
    LONGS_EQUAL(before + 1, site->continue_above(before, Digest{1}, "box/dpdk").value());
}

TEST(ContinueAbove, NothingThatIsOursOrOlder) {
    const auto before = ours();
    const auto content = digest_of(*site->view().snapshot);
    LONGS_EQUAL(before, site->continue_above(before, content, "box/dpdk").value());
    LONGS_EQUAL(before, site->continue_above(before - 1, Digest{1}, "box/dpdk").value());
    LONGS_EQUAL(before, ours());
}

TEST(ContinueAbove, NoNumberWithoutAWayBack) {
    const auto before = ours();
    CHECK_FALSE(site->continue_above(kMostFollowed + 1, Digest{1}, "box/dpdk").has_value());
    CHECK_FALSE(site->continue_above(Generation{1} << 63U, Digest{1}, "box/dpdk").has_value());
    LONGS_EQUAL(before, ours());
}

TEST(ContinueAbove, ANewSigningKeyGoesOnFromTheOldOnesNumber) {
    LONGS_EQUAL(42, site->continue_above(41, Digest{1}, "box/nftables").value());
    site.owner.reset();
    for (const auto* half : {"", ".pub"})
        std::filesystem::remove(site.config.signing_key.string() + half);
    CHECK_TRUE(wire::save(wire::SigningKey::generate(), site.config.signing_key).has_value());
    STRCMP_EQUAL("", site.start().c_str());
    LONGS_EQUAL(43, ours());
}
