// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/guard_memory.hpp"

#include <filesystem>

#include <unistd.h>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;

namespace {

const Instant kNow{std::chrono::hours{500'000}};

Address address(const char* text) { return *parse_address(text); }

} // namespace

TEST_GROUP(GuardMemory) {
    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("sg-memory-" + std::to_string(getpid()));

    void setup() override { std::filesystem::create_directories(folder); }
    void teardown() override { std::filesystem::remove_all(folder); }
    GuardMemory open() {
        auto memory = GuardMemory::open(folder / "guard.sqlite");
        if (!memory) FAIL(memory.error().what.c_str());
        return std::move(*memory);
    }
    static Hold hold() {
        return {"irc", 1, 2, "would gain", {address("45.0.0.1")}, {address("2600::1")}, {}};
    }
};

TEST(GuardMemory, OutlivesARestart) {
    {
        auto memory = open();
        const std::vector<std::pair<Address, std::string>> names{{address("45.0.0.1"), "a.example"},
                                                                 {address("45.0.0.2"), ""}};
        CHECK_TRUE(memory.remember(names, kNow));
        CHECK_TRUE(memory.remember(
            std::vector<Sinkhole>{{address("45.0.0.9"), "r1", false, "what r1 says"}}, kNow));
        CHECK_TRUE(memory.refuse(hold(), "alice"));
    }
    const auto memory = open();
    STRCMP_EQUAL("a.example", memory.reverse_names()->at(address("45.0.0.1")).name.c_str());
    STRCMP_EQUAL("", memory.reverse_names()->at(address("45.0.0.2")).name.c_str());
    CHECK_TRUE(memory.reverse_names()->at(address("45.0.0.1")).asked == kNow);
    CHECK_EQUAL(1U, memory.sinkholes().size());
    CHECK_FALSE(memory.sinkholes()[0].certain);
    const auto& refused = memory.refused().at("irc");
    STRCMP_EQUAL("alice", refused.added.at(address("45.0.0.1")).c_str());
    STRCMP_EQUAL("alice", refused.by(hold()).c_str());
}

TEST(GuardMemory, ForgetsASinkholeThatWasNotMetForAWeek) {
    auto memory = open();
    CHECK_TRUE(memory.remember(
        std::vector<Sinkhole>{{address("45.0.0.9"), "r1", true, "what r1 says"}}, kNow));
    CHECK_TRUE(memory.remember(std::vector<Sinkhole>{}, kNow + kSinkholeKept));
    CHECK_EQUAL(1U, memory.sinkholes().size());
    CHECK_TRUE(
        memory.remember(std::vector<Sinkhole>{}, kNow + kSinkholeKept + std::chrono::seconds{1}));
    CHECK_EQUAL(0U, memory.sinkholes().size());
}

TEST(GuardMemory, TakesARefusalBack) {
    auto memory = open();
    CHECK_FALSE(*memory.forgive("irc"));
    CHECK_TRUE(memory.refuse(hold(), "alice"));
    CHECK_TRUE(*memory.forgive("irc"));
    CHECK_TRUE(memory.refused().empty());
}

TEST(GuardMemory, KnowsARefusedHoldOnlyWhileNothingMoreIsInIt) {
    auto memory = open();
    CHECK_TRUE(memory.refuse(hold(), "alice"));
    auto more = hold();
    more.removed.push_back(address("2600::2"));
    STRCMP_EQUAL("", memory.refused().at("irc").by(more).c_str());
}

TEST(GuardMemory, KeepsWhatDnsDecidedOverARestart) {
    DnsPart part{
        {{"irc", "a.example", Role::server}, address("45.0.0.1"), Scope::exclusive, true, true},
        {{"irc", "a.example", Role::server}, address("45.0.0.2"), Scope::shared, true, false},
        {{"irc", "b.example", Role::service}, address("2600::1"), Scope::exclusive, false, true}};
    {
        auto memory = open();
        CHECK_FALSE(memory.dns().has_value());
        CHECK_TRUE(memory.remember(DnsPart{}));
        CHECK_TRUE(memory.remember(part));
    }
    {
        auto memory = open();
        CHECK_TRUE(memory.dns() == part);
        part.erase(part.begin());
        part[0].good = false;
        part[0].seen = true;
        CHECK_TRUE(memory.remember(part));
    }
    CHECK_TRUE(open().dns() == part);
}

TEST(GuardMemory, KnowsSinceWhenNamesAreAsked) {
    const BookName old{"irc", "a.example", Role::server};
    const BookName added{"irc", "b.example", Role::shared};
    {
        auto memory = open(); // its first start: nobody has decided anything
        CHECK_TRUE(memory.ask({old, {"", "www.example.com", Role::never_block}}, kNow));
        CHECK_TRUE(memory.asked() == (NamesAsked{{old, Instant{}}}));
        CHECK_TRUE(memory.ask({old, added}, kNow));
    }
    auto memory = open();
    CHECK_TRUE(memory.ask({old, added}, kNow + std::chrono::hours{1}));
    CHECK_TRUE(memory.asked() == (NamesAsked{{old, Instant{}}, {added, kNow}}));
    CHECK_TRUE(memory.ask({old}, kNow));
    CHECK_TRUE(memory.ask({old, added}, kNow + std::chrono::hours{2}));
    CHECK_TRUE(memory.asked().at(added) == kNow + std::chrono::hours{2});
}
