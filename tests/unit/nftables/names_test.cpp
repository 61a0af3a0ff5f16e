// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/names.hpp"

#include <array>
#include <set>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::nftables;

TEST_GROUP(Names){};

TEST(Names, GiveTheirTagBack) {
    STRCMP_EQUAL("7", tag_of(root_chain("7"))->c_str());
    STRCMP_EQUAL("7r1", tag_of(entrance(Hook::output, "7r1"))->c_str());
    STRCMP_EQUAL("7", tag_of(allow_set("7", Family::ipv6))->c_str());
    STRCMP_EQUAL("7", tag_of(class_map("7", Shape::hosts, Family::ipv4))->c_str());
    STRCMP_EQUAL("7", tag_of(verdict_map("7", Tier::monitor, Side::from))->c_str());
}

TEST(Names, HaveNoTagOutsideAGeneration) {
    for (const char* name : {"sg_forward", "sg_g", "sg_g_7", "sg_gx", "sg_drop_irc", "", "g7"})
        CHECK_FALSE_TEXT(tag_of(name).has_value(), name);
}

TEST(Names, TellEveryChainAndMapOfAGenerationApart) {
    std::set<std::string> names{root_chain("7")};
    std::size_t count = 1;
    const auto add = [&](const std::string& name) {
        names.insert(name);
        ++count;
    };
    for (const auto tier : {Tier::terminal, Tier::limit, Tier::monitor})
        for (const auto side : {Side::any, Side::to, Side::from}) {
            for (const auto index : std::array<ClassIndex, 4>{0, 1, 11, 16382})
                add(class_chain("7", tier, side, index));
            if (side != Side::any) add(verdict_map("7", tier, side));
        }
    for (const auto family : {Family::ipv4, Family::ipv6}) {
        for (const auto shape : {Shape::hosts, Shape::ranges}) add(class_map("7", shape, family));
        add(allow_set("7", family));
    }
    for (const auto hook : {Hook::input, Hook::output}) add(entrance(hook, "7"));
    CHECK_EQUAL(count, names.size());
}

TEST(Names, OfCountersGiveActionAndSystemBack) {
    for (const auto action : {Action::monitor, Action::limit, Action::reject, Action::drop}) {
        const auto key = counter_key(counter_name(action, "a-b-1"));
        CHECK_TRUE(key.has_value());
        CHECK_TRUE(key->action == action);
        STRCMP_EQUAL("a-b-1", key->system.c_str());
        CHECK_FALSE(key->within);
    }
    const auto within = counter_key(within_counter("a-b-1"));
    CHECK_TRUE(within && within->within && within->action == Action::limit);
    STRCMP_EQUAL("a-b-1", within->system.c_str());
    for (const char* name : {"sg_drop_", "sg_pass_irc", "drop", "sg_drop_A", ""})
        CHECK_FALSE_TEXT(counter_key(name).has_value(), name);
}

TEST(Names, CarryTheReceiptThroughAComment) {
    Receipt receipt{18'446'744'073'709'551'615U, {}, 0xDEADBEEF};
    receipt.digest.fill(0xA5);
    const auto comment = to_comment(receipt);
    CHECK_TRUE(comment.size() <= 128); // nft's bound on comments
    CHECK_TRUE(parse_receipt(comment) == receipt);
    for (const ScheduleSet schedules : {ScheduleSet{1}, ~ScheduleSet{0}}) {
        receipt.schedules = schedules;
        CHECK_TRUE(to_comment(receipt).size() <= 128);
        CHECK_TRUE(parse_receipt(to_comment(receipt)) == receipt);
    }
}

TEST(Names, ReadTheReceiptOfAnotherLayout) {
    Receipt receipt{7, {}, 1, 1};
    const auto unmarked = to_comment(receipt).substr(3); // as the first layout wrote it
    STRCMP_EQUAL("generation 7", unmarked.substr(0, 12).c_str());
    CHECK_TRUE(parse_receipt(unmarked) == receipt);
    receipt.layout = 30;
    CHECK_TRUE(parse_receipt(to_comment(receipt)) == receipt);
    CHECK_FALSE(parse_receipt("vx" + to_comment(receipt).substr(3)).has_value());
}

TEST(Names, RefuseEveryCutReceipt) {
    for (const auto& comment : {to_comment({7, {}, 1}), to_comment({7, {}, 1, kLayout, 5})})
        for (std::size_t size = 0; size < comment.size(); ++size)
            CHECK_FALSE(parse_receipt(comment.substr(0, size)).has_value());
    CHECK_FALSE(parse_receipt("generation -7 digest 00 options 1").has_value());
}
