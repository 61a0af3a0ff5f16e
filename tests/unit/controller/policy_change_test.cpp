// SPDX-License-Identifier: Apache-2.0
// Policies that are pushed, gone back from and reloaded, in a controller without DNS.
#include "controlplane/controller/policy_verbs.hpp"

#include "tests/unit/controller/site.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;

TEST_GROUP(PolicyChange) {
    test::ControllerSite site;
    static constexpr const char* kPass = "[categories]\nim = \"pass\"\n";

    void setup() override { STRCMP_EQUAL("", site.start().c_str()); }
    [[nodiscard]] PolicyChange push(const std::string& text, const std::string& file = "p.toml")
        const {
        const auto change = site->push(text, {"alice", file, "why"});
        CHECK_TEXT(change.has_value(), change ? "" : change.error().what.c_str());
        return *change;
    }
    [[nodiscard]] PolicyChange back() const {
        const auto change = site->rollback({}, {"bob"});
        CHECK_TEXT(change.has_value(), change ? "" : change.error().what.c_str());
        return *change;
    }
};

TEST(PolicyChange, IsFiledWithWhoWhatAndWhy) {
    const auto change = push(kPass);
    CHECK_EQUAL(2U, change.policy.number);
    CHECK_EQUAL(0U, change.added);
    CHECK_EQUAL(1U, change.removed);
    const auto filed = *site->policy(2);
    STRCMP_EQUAL(kPass, filed.text.c_str());
    STRCMP_EQUAL("alice", filed.note.author.c_str());
    STRCMP_EQUAL("p.toml", filed.note.file.c_str());
    STRCMP_EQUAL("why", filed.note.message.c_str());
    CHECK_TRUE(filed.time != Instant{});
    STRCMP_EQUAL("policy 2 (p.toml): why; +0 -1", audit_detail(change).c_str());
}

TEST(PolicyChange, ToTheSameIsNone) {
    const auto first = push(kPass);
    const auto again = push(kPass, "other.toml");
    CHECK_TRUE(again.unchanged);
    CHECK_EQUAL(first.policy.number, again.policy.number);
    CHECK_EQUAL(first.generation, again.generation);
    CHECK_EQUAL(2U, site->policies(10).size());
    STRCMP_CONTAINS("; unchanged", audit_detail(again).c_str());
}

TEST(PolicyChange, ToAnEmptyTextIsRefused) {
    for (const auto* text : {"", "\n \n", "\xEF\xBB\xBF"}) {
        const auto change = site->push(text, {"alice"});
        CHECK_FALSE(change.has_value());
        STRCMP_CONTAINS("is empty", change.error().what.c_str());
    }
    CHECK_EQUAL(1U, push("# all defaults\n").policy.number - 1);
}

TEST(PolicyChange, WalksBackAndNotToAndFro) {
    const std::string second = std::string(kPass) + "# 2\n";
    const std::string third = std::string(kPass) + "# 3\n";
    (void)push(second);
    (void)push(third);
    auto change = back();
    CHECK_EQUAL(2U, change.back_to->number);
    CHECK_EQUAL(4U, change.policy.number);
    STRCMP_EQUAL(second.c_str(), site->policy(4)->text.c_str());
    change = back();
    CHECK_EQUAL(1U, change.back_to->number);
    STRCMP_EQUAL("93.184.216.0/24", site.listed().c_str());
    const auto none = site->rollback({}, {"bob"});
    CHECK_FALSE(none.has_value());
    STRCMP_CONTAINS("no other policy before 1", none.error().what.c_str());
    STRCMP_EQUAL("", site.start().c_str()); // its place is remembered
    CHECK_FALSE(site->rollback({}, {"bob"}).has_value());
    CHECK_EQUAL(3U, site->rollback(3, {"bob"})->back_to->number);
    CHECK_EQUAL(2U, back().back_to->number);
}

TEST(PolicyChange, SkipsEqualTextsOnItsWayBack) {
    (void)push(kPass);
    CHECK_TRUE(site->rollback(1, {"bob"}).has_value()); // 3 is 1 again
    (void)push(kPass);                                  // 4 is 2 again
    (void)push(test::ControllerSite::kBlock);           // 5 is 1 again
    const auto change = back();
    CHECK_EQUAL(4U, change.back_to->number);
    CHECK_EQUAL(3U, back().back_to->number);
    STRCMP_CONTAINS("back to 3", audit_detail(*site->rollback(3, {"x"})).c_str());
}

TEST(PolicyChange, TakesItsListsAlong) {
    site.write("lists/l.txt", "192.0.2.0/24\n198.51.100.0/24\n");
    site.config.lists = site.root / "lists";
    const std::string text = std::string(test::ControllerSite::kList) +
                             "[guard]\ntreat_as_public = [\"192.0.2.0/24\", \"198.51.100.0/24\"]\n";
    CHECK_EQUAL(2U, push(text).added);
    site.write("lists/l.txt", "192.0.2.0/24\nbad\n");
    const auto second = push(text); // the same text, another list
    CHECK_FALSE(second.unchanged);
    STRCMP_EQUAL("l.txt:2: 'bad' is not a prefix", second.warnings.at(0).c_str());
    const auto lists = site->policy(2)->lists;
    CHECK_EQUAL(1U, lists.size());
    STRCMP_EQUAL("192.0.2.0/24\n198.51.100.0/24\n", site->list_text(lists[0])->c_str());
    const auto change = back();
    CHECK_EQUAL(2U, change.back_to->number);
    STRCMP_EQUAL("192.0.2.0/24\n198.51.100.0/24\n",
                 site->list_text(change.policy.lists.at(0))->c_str());
    STRCMP_EQUAL("", site.start().c_str()); // and a start does not undo it
    STRCMP_EQUAL("192.0.2.0/24\n198.51.100.0/24\n",
                 site->list_text(site->policy(4)->lists.at(0))->c_str());
    CHECK_EQUAL(4U, site->view().policy_number);
}

TEST(PolicyChange, FollowsTheFileOnlyWhenThatHasChanged) {
    (void)push(kPass);
    CHECK_TRUE(site->reload().has_value());
    CHECK_EQUAL(2U, site->view().policy_number);
    site.write("policy.toml", "# another\n");
    CHECK_TRUE(site->reload().has_value());
    CHECK_EQUAL(3U, site->view().policy_number);
    CHECK_TRUE(site->policy(3)->note.cause == FiledBy::file);
}

TEST(PolicyChange, IsAnsweredAsJson) {
    const auto json = to_json(push(kPass));
    CHECK_EQUAL(2U, json.at("policy").get<unsigned>());
    STRCMP_EQUAL("alice", json.at("filed").at("author").get<std::string>().c_str());
    CHECK_FALSE(json.at("unchanged").get<bool>());
    CHECK_TRUE(json.at("back_to").is_null());
    const auto listed = nlohmann::json::parse(policies(*site).json);
    CHECK_EQUAL(2U, listed.at("policies").size());
    CHECK_TRUE(listed.at("policies")[0].at("in_force").get<bool>());
    const auto shown = nlohmann::json::parse(policy(*site, "").json);
    STRCMP_EQUAL(kPass, shown.at("text").get<std::string>().c_str());
    const auto diff = nlohmann::json::parse(policy_diff(*site, "1 2").json);
    CHECK_EQUAL(1U, diff.at("added").get<unsigned>());
    CHECK_EQUAL(1U, diff.at("removed").get<unsigned>());
    STRCMP_CONTAINS("'x' is not a policy's number", policy_diff(*site, "x").error.c_str());
    STRCMP_CONTAINS("1 to 2 are filed", policy(*site, "9").error.c_str());
}
