// SPDX-License-Identifier: Apache-2.0
// The first start behind a restored backup, and those that follow.
#include "controlplane/controller/gate_alarms.hpp"
#include "controlplane/controller/restored.hpp"
#include "tests/unit/controller/site.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;
using std::chrono::seconds;

TEST_GROUP(RestoredController) {
    test::ControllerSite site;
    const Restored mark{Instant(seconds(1'000'000)), Instant(seconds(1'000'600)), 1};

    void setup() override { STRCMP_EQUAL("", site.start().c_str()); }
    Generation ours() const { return site->view().snapshot->generation; }
    bool is_marked() const { return std::filesystem::exists(restored_mark(site.config.state)); }
    void restore() {
        site.owner.reset();
        site.write("state/restored.json", to_text(mark));
        STRCMP_EQUAL("", site.start().c_str());
    }
};

TEST(RestoredController, GoesOnAboveWhateverMayHaveBeenPublishedSince) {
    const auto content = digest_of(*site->view().snapshot);
    restore();
    LONGS_EQUAL(1 + 1000 + 600 + 1, ours());
    CHECK_TRUE(digest_of(*site->view().snapshot) == content);
    const auto entry = site->audit_log(1).value().at(0);
    STRCMP_EQUAL("restored", entry.verb.c_str());
    STRCMP_EQUAL("backup of 1970-01-12T13:46:40Z", entry.detail.c_str());
}

TEST(RestoredController, DoesSoOnceAndSaysSoUntilAPersonDecides) {
    restore();
    const auto number = ours();
    STRCMP_EQUAL("", site.start().c_str());
    LONGS_EQUAL(number, ours());
    STRCMP_CONTAINS("restored: from a backup of 1970-01-12T13:46:40Z", site.faults().c_str());
    // Also one that is in force already: whoever pushes it has looked.
    CHECK_TRUE(site->push(site.kBlock, {"alice"}).value().unchanged);
    STRCMP_EQUAL("", site.faults().c_str());
    CHECK_FALSE(is_marked());
    STRCMP_EQUAL("", site.start().c_str());
    STRCMP_EQUAL("", site.faults().c_str());
}

TEST(RestoredController, WithANewSigningKeyBeginsAbove) {
    for (const auto* half : {"", ".pub"})
        std::filesystem::remove(site.config.signing_key.string() + half);
    CHECK_TRUE(wire::save(wire::SigningKey::generate(), site.config.signing_key).has_value());
    restore();
    LONGS_EQUAL(1 + 1000 + 600 + 1, ours());
}

TEST(RestoredController, StartsWithADamagedMarkAndSaysSo) {
    site.owner.reset();
    for (const auto* text : {"", "{}", "[1", R"({"made": -1, "restored": 1, "newest": 1})",
                             R"({"made": "x", "restored": 1, "newest": 1})"}) {
        site.write("state/restored.json", text);
        STRCMP_EQUAL("", site.start().c_str());
        STRCMP_CONTAINS("restored.json: damaged", site.faults().c_str());
    }
}

TEST(RestoredController, IsBoundedWhateverTheClocksSay) {
    const Instant now(seconds(1'000'000));
    const Instant never(seconds(200'000'000'000));
    LONGS_EQUAL(1005, (Restored{now, Instant(seconds(5)), 5}.bound())); // a clock that went back
    CHECK_TRUE(Restored({now, never, 5}).bound() < kMostFollowed);
    CHECK_TRUE(Restored({now, now, wire::kEpochSpan - 1}).bound() <= kMostFollowed + 1000);
    // In the epoch of the backup, whatever its number.
    const auto second = 2 * wire::kEpochSpan;
    LONGS_EQUAL(second + 7 + 1000, (Restored{now, now, second + 7}.bound()));
    site.owner.reset();
    site.write("state/restored.json", to_text({now, now, second + 7}));
    CHECK_TRUE(load_restored(site.config.state).value()->newest == second + 7);
}
