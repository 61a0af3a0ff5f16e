// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/names.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::nftables;

TEST_GROUP(Names){};

TEST(Names, GiveTheirTagBack) {
    STRCMP_EQUAL("7", tag_of(root_chain("7"))->c_str());
    STRCMP_EQUAL("7r1", tag_of(entrance(Hook::output, "7r1"))->c_str());
    STRCMP_EQUAL("7", tag_of(allow_set("7", Family::ipv6))->c_str());
    STRCMP_EQUAL("7", tag_of(map_name("7", Tier::monitor, Side::from, Family::ipv4))->c_str());
}

TEST(Names, HaveNoTagOutsideAGeneration) {
    for (const char* name : {"sg_forward", "sg_g", "sg_g_7", "sg_gx", "sg_drop_irc", "", "g7"})
        CHECK_FALSE_TEXT(tag_of(name).has_value(), name);
}

TEST(Names, GiveTheirClassBack) {
    for (const auto tier : {Tier::terminal, Tier::monitor})
        for (const auto side : {Side::any, Side::to, Side::from})
            CHECK_EQUAL(16382U, *class_of(class_chain("7", tier, side, 16382)));
    for (const char* name : {"sg_g7", "sg_g7_in", "sg_g7_c", "sg_g7_reject3", "sg_g7_c99999", ""})
        CHECK_FALSE_TEXT(class_of(name).has_value(), name);
}

TEST(Names, OfCountersGiveActionAndSystemBack) {
    for (const auto action : {Action::monitor, Action::reject, Action::drop}) {
        const auto key = counter_key(counter_name(action, "a-b-1"));
        CHECK_TRUE(key.has_value());
        CHECK_TRUE(key->action == action);
        STRCMP_EQUAL("a-b-1", key->system.c_str());
    }
    for (const char* name : {"sg_drop_", "sg_pass_irc", "drop", "sg_drop_A", ""})
        CHECK_FALSE_TEXT(counter_key(name).has_value(), name);
}

TEST(Names, CarryTheReceiptThroughAComment) {
    Receipt receipt{18'446'744'073'709'551'615U, {}, 0xDEADBEEF};
    receipt.digest.fill(0xA5);
    const auto comment = to_comment(receipt);
    CHECK_TRUE(comment.size() <= 128); // nft's bound on comments
    CHECK_TRUE(parse_receipt(comment) == receipt);
}

TEST(Names, RefuseEveryCutReceipt) {
    const auto comment = to_comment({7, {}, 1});
    for (std::size_t size = 0; size < comment.size(); ++size)
        CHECK_FALSE(parse_receipt(comment.substr(0, size)).has_value());
    CHECK_FALSE(parse_receipt("generation -7 digest 00 options 1").has_value());
}
