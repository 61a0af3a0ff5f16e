// SPDX-License-Identifier: Apache-2.0
// The life of generations in a real kernel: apply, read back, roll back, be disturbed.
#include <cstdio>
#include <optional>

#include <sys/wait.h>
#include <unistd.h>

#include "controlplane/nftables/compile.hpp"
#include "controlplane/nftables/options.hpp"
#include "controlplane/nftables/transition.hpp"
#include "tests/lab/nftables/made_snapshot.hpp"
#include "tests/lab/nftables/network.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::nftables;
using namespace sweepgate::lab;

namespace {

Namespace created() {
    auto space = Namespace::create();
    if (!space) FAIL(space.error().what.c_str());
    return std::move(*space);
}

Snapshot listing(const std::string& prefix, Generation generation) {
    auto parts = three_systems();
    list(parts, prefix, 0);
    return made(parts, generation);
}

/// One map: no group is treated apart.
Snapshot many(std::uint32_t count, Generation generation) {
    auto parts = three_systems();
    parts.actions[1] = parts.actions[0];
    list_many(parts, count);
    return made(parts, generation);
}

Gate open_in(const Namespace& space, GateOptions options = {}) {
    std::optional<Result<Gate>> gate;
    space.inside([&] { gate = Gate::open(options); });
    if (!gate || !*gate) FAIL(gate ? gate->error().what.c_str() : "no namespace");
    return std::move(**gate);
}

} // namespace

TEST_GROUP(Gate) {
    Namespace space = created();
    Gate gate = open_in(space);

    void apply(const Snapshot& snapshot) {
        const auto applied = gate.apply(snapshot);
        if (!applied) FAIL(applied.error().what.c_str());
    }
    Installed installed() {
        const auto read = gate.installed();
        if (!read) FAIL(read.error().what.c_str());
        if (!*read) FAIL("nothing is in force");
        return **read;
    }
    bool is_listed(const char* address) {
        const auto answer = gate.probe(*parse_address(address));
        if (!answer) FAIL(answer.error().what.c_str());
        STRCMP_EQUAL("", answer->error.c_str());
        return answer->listed;
    }
    std::string nft(const std::string& command) {
        const auto output = space.shell("nft " + command);
        if (!output) FAIL(output.error().what.c_str());
        return *output;
    }
};

TEST(Gate, HasNothingInForceInAnEmptyKernel) {
    const auto installed = gate.installed();
    CHECK_TRUE(installed.has_value());
    CHECK_FALSE(installed->has_value());
    CHECK_TRUE(gate.remove().has_value());
}

TEST(Gate, ReadsBackWhatItAppliedAlsoFromANewProcess) {
    const auto snapshot = listing("203.0.113.0/24", 7);
    apply(snapshot);
    auto other = open_in(space);
    const auto read = other.installed();
    CHECK_TRUE(read.has_value() && read->has_value());
    CHECK_EQUAL(7U, (*read)->generation);
    CHECK_TRUE((*read)->digest == digest_of(snapshot));
}

TEST(Gate, TakesTheSameSnapshotTwiceAsANoOp) {
    apply(listing("203.0.113.0/24", 7));
    const auto listing_before = nft("-a list table inet sweepgate");
    const auto again = gate.apply(listing("203.0.113.0/24", 7));
    CHECK_TRUE(again.has_value());
    CHECK_EQUAL(0U, again->switch_us);
    STRCMP_EQUAL(listing_before.c_str(), nft("-a list table inet sweepgate").c_str());
}

TEST(Gate, RefusesOtherContentUnderTheGenerationInForce) {
    apply(listing("203.0.113.0/24", 7));
    const auto other = gate.apply(listing("198.51.100.0/24", 7));
    CHECK_FALSE(other.has_value());
    CHECK_TRUE(other.error().code == Errc::conflict);
    CHECK_TRUE(is_listed("203.0.113.1"));
}

TEST(Gate, HoldsNothingButWhatItEnforces) {
    apply(listing("203.0.113.0/24", 7));
    apply(listing("198.51.100.0/24", 8));
    CHECK_EQUAL(8U, installed().generation);
    CHECK_TRUE(is_listed("198.51.100.1"));
    CHECK_FALSE(is_listed("203.0.113.1"));
    CHECK_TRUE(nft("list table inet sweepgate").find("sg_g7") == std::string::npos);

    apply(made(three_systems(), 9)); // lists nothing, so nothing may read as if it were dropped
    CHECK_TRUE(nft("list table inet sweepgate").find("drop\n") == std::string::npos);
}

TEST(Gate, SeesAForeignFlushAndRepairsIt) {
    apply(listing("203.0.113.0/24", 7));
    nft("flush ruleset");
    CHECK_FALSE(gate.installed()->has_value());
    apply(listing("203.0.113.0/24", 7));
    CHECK_EQUAL(7U, installed().generation);
}

TEST(Gate, SeesADormantTableAndAForeignRuleAndRepairsThem) {
    apply(listing("203.0.113.0/24", 7));
    nft("'add table inet sweepgate { flags dormant; }'");
    CHECK_FALSE(gate.installed()->has_value());
    apply(listing("203.0.113.0/24", 7));
    CHECK_EQUAL(7U, installed().generation);

    nft("insert rule inet sweepgate sg_forward accept");
    CHECK_FALSE(gate.installed()->has_value());
    apply(listing("203.0.113.0/24", 7));
    CHECK_EQUAL(7U, installed().generation);
    CHECK_TRUE(nft("list chain inet sweepgate sg_forward").find("accept\n\t}") ==
               std::string::npos);
}

TEST(Gate, CompilesAgainWhenItsOptionsChanged) {
    apply(listing("203.0.113.0/24", 7));
    gate = open_in(space, {"sweepgate", -10, true, {*parse_prefix("203.0.113.53")}});
    apply(listing("203.0.113.0/24", 7));
    CHECK_TRUE(gate.probe(*parse_address("203.0.113.53"))->allowed);
    gate = open_in(space, {"sweepgate", -10, false, {}});
    CHECK_FALSE(gate.installed()->has_value());
    apply(listing("203.0.113.0/24", 7));
    CHECK_EQUAL(7U, installed().generation);
    CHECK_TRUE(nft("list chain inet sweepgate sg_output").find("jump") == std::string::npos);
}

TEST(Gate, RefusesToMoveABaseChain) {
    apply(listing("203.0.113.0/24", 7));
    gate = open_in(space, {"sweepgate", -5, true, {}});
    const auto moved = gate.apply(listing("203.0.113.0/24", 8));
    CHECK_FALSE(moved.has_value());
    CHECK_TRUE(moved.error().code == Errc::conflict);
    CHECK_TRUE(gate.remove().has_value());
    apply(listing("203.0.113.0/24", 8));
}

TEST(Gate, PrintsATableThatNftListsAndNeverLoadsHalf) {
    auto parts = three_systems();
    for (const char* prefix : {"203.0.113.0/24", "2001:db8:1::/48"}) list(parts, prefix, 0);
    list(parts, "198.51.100.4", 2, Scope::shared);
    list(parts, "198.51.100.5", 1, Scope::shared);
    parts.allow = {*parse_prefix("203.0.113.53"), *parse_prefix("2001:db8:1::53")};
    apply(made(parts, 7));
    const auto listing = nft("list table inet sweepgate");
    for (const char* line : {"ip daddr vmap @sg_g7_to comment \"class from sg_g7_host4\"",
                             "ip6 saddr vmap @sg_g7_from comment \"class from sg_g7_range6\"",
                             "@th,112,16 & 0x3fff == 0x0 @th,160,32 @sg_g7_allow4 accept",
                             "@th,64,8 & 0xf0 == 0x60 @th,96,16 >= 0x8 @th,112,8 != 0x0",
                             "@th,112,8 != 0x3c @th,128,128 @sg_g7_allow6 accept",
                             "0x00000001 : jump sg_g7_c1", "198.51.100.4 : 0x00000000 . 0x0000000"})
        STRCMP_CONTAINS(line, listing.c_str());
    nft("-j list table inet sweepgate");
    // What was saved from there must not come back as a table that blocks nothing.
    const auto reading = nft("list table inet sweepgate | nft -c -f - 2>&1 || echo refused");
    STRCMP_CONTAINS("datatype mismatch", reading.c_str());
    STRCMP_CONTAINS("refused", reading.c_str());
    // All else is in nft's own words, but what an ICMP error quotes.
    nft("list table inet sweepgate | grep -v -e 'class from' -e '@th,' | nft -c -f -");
}

TEST(Gate, ReplacesWhatAnEarlierVersionBuilt) {
    const auto snapshot = listing("203.0.113.0/24", 7);
    const auto receipt = to_comment({7, digest_of(snapshot), checksum(GateOptions{}), 1});
    nft("-f - <<'END'\ntable inet sweepgate {\n"
        "map sg_g7_any4 { type ipv4_addr : verdict; flags interval;\n"
        "    elements = { 203.0.113.0/24 : jump sg_g7_c0 }; }\n"
        "chain sg_g7_c0 { drop; }\n"
        "chain sg_g7 { comment \"" +
        receipt.substr(3) +
        "\"; ip daddr vmap @sg_g7_any4; }\n"
        "chain sg_g7_in { goto sg_g7; }\n"
        "chain sg_g7_out { goto sg_g7; }\n"
        "chain sg_forward { type filter hook forward priority -10; jump sg_g7; }\n"
        "chain sg_input { type filter hook input priority -10; jump sg_g7_in; }\n"
        "chain sg_output { type filter hook output priority -10; jump sg_g7_out; }\n"
        "}\nEND\n:");
    CHECK_EQUAL(7U, installed().generation);
    STRCMP_CONTAINS("another version", gate.probe(*parse_address("203.0.113.1"))->error.c_str());

    apply(snapshot); // the same content under the same generation, laid out anew
    CHECK_EQUAL(7U, installed().generation);
    CHECK_TRUE(is_listed("203.0.113.1"));
    CHECK_TRUE(nft("list table inet sweepgate").find("sg_g7_any4") == std::string::npos);
}

TEST(Gate, IsNotInForceBesideSomebodyElsesChainOrPolicy) {
    apply(listing("203.0.113.0/24", 7));
    for (const auto* change :
         {"add chain inet sweepgate sg_forward '{ policy drop; }'",
          "add chain inet sweepgate sg_input '{ policy drop; }'",
          "add chain inet sweepgate theirs '{ type filter hook forward priority 0; policy drop; }'",
          "-f - <<'END'\nadd chain inet sweepgate theirs { type filter hook input priority 5; }\n"
          "add rule inet sweepgate theirs drop\nEND\n:"}) {
        nft(change);
        CHECK_FALSE_TEXT(gate.installed()->has_value(), change);
        apply(listing("203.0.113.0/24", 7));
        CHECK_TRUE(gate.installed()->has_value());
        const auto table = nft("list table inet sweepgate");
        CHECK_TRUE_TEXT(table.find("policy drop") == std::string::npos, table.c_str());
        CHECK_TRUE_TEXT(table.find("theirs") == std::string::npos, table.c_str());
    }
}

TEST(Gate, DeletesItsTableAndNoOther) {
    nft("add table inet other");
    apply(listing("203.0.113.0/24", 7));
    CHECK_TRUE(gate.remove().has_value());
    STRCMP_EQUAL("table inet other\n", nft("list tables").c_str());
}

TEST(Gate, EnforcesTheOldGenerationWhenKilledBetweenBuildAndSwitch) {
    apply(listing("203.0.113.0/24", 7));
    space.inside([] { // what apply() does up to the end of batch 1, in a process that then dies
        const auto child = fork();
        if (child == 0) {
            auto socket = Socket::open();
            const auto state = read_table(*socket, "sweepgate");
            const auto next = listing("198.51.100.0/24", 8);
            const GateOptions options;
            const auto program =
                compile(next, {"8", {8, digest_of(next), checksum(options)}, true, {}});
            const auto batch = build_batch(*state, options, *program, socket->next_sequence());
            _exit(batch && socket->commit(*batch) ? 0 : 1);
        }
        int status = 0;
        waitpid(child, &status, 0);
    });
    CHECK_TRUE(nft("list chains").find("sg_g8") != std::string::npos);
    CHECK_EQUAL(7U, installed().generation);
    CHECK_TRUE(is_listed("203.0.113.1"));

    apply(listing("203.0.113.0/24", 7)); // in force already: built no more, but tidied up
    CHECK_TRUE(nft("list table inet sweepgate").find("sg_g8") == std::string::npos);
    CHECK_TRUE(is_listed("203.0.113.1"));
}

TEST(Gate, ProbesTheEdgesOfItsIntervals) {
    auto parts = three_systems();
    for (const char* prefix :
         {"0.0.0.0/1", "128.0.0.0/32", "128.0.0.2/31", "255.255.255.254/31", "::/128", "8000::/1"})
        list(parts, prefix, 0);
    list(parts, "128.0.0.4/32", 1); // adjacent, another class
    apply(made(parts, 7));
    for (const char* address : {"0.0.0.0", "127.255.255.255", "128.0.0.0", "128.0.0.2", "128.0.0.3",
                                "128.0.0.4", "255.255.255.254", "255.255.255.255",
                                "::", "8000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"})
        CHECK_TRUE_TEXT(is_listed(address), address);
    for (const char* address : {"128.0.0.1", "128.0.0.5", "255.255.255.253", "::1",
                                "7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"})
        CHECK_FALSE_TEXT(is_listed(address), address);
    STRCMP_EQUAL("watch", gate.probe(*parse_address("128.0.0.4"))->systems.at(0).c_str());
}

TEST(Gate, NamesNoSystemsItWasNotTold) {
    apply(listing("203.0.113.0/24", 7));
    auto other = open_in(space);
    const auto answer = other.probe(*parse_address("203.0.113.1"));
    CHECK_TRUE(answer.has_value());
    CHECK_TRUE(answer->listed);
    CHECK_FALSE(answer->error.empty());
}

TEST(Gate, AppliesAHundredThousandAddresses) {
    for (Generation generation = 7; generation <= 10; ++generation) {
        const auto applied = gate.apply(many(100'000, generation));
        if (!applied) FAIL(applied.error().what.c_str());
        std::printf("\n100k addresses: build %.1f ms, switch %.3f ms",
                    static_cast<double>(applied->build_us) / 1000,
                    static_cast<double>(applied->switch_us) / 1000);
    }
    CHECK_TRUE(is_listed("11.0.0.0"));
    CHECK_FALSE(is_listed("11.0.0.1"));
    CHECK_TRUE(is_listed("11.3.13.62")); // the last: 11.0.0.0 + 199,998
}

TEST(Gate, RefusesABatchBeyondItsLimitByName) {
    apply(listing("203.0.113.0/24", 7));
    auto parts = three_systems(); // ranges: two millions of single addresses would fit
    for (std::uint32_t i = 0; i < 1'500'000; ++i)
        parts.listings.push_back({{ipv4(0x0B000000U + i * 4), 31}, 0, Scope::exclusive});
    const auto refused = gate.apply(made(parts, 8));
    CHECK_FALSE(refused.has_value());
    CHECK_TRUE(refused.error().code == Errc::refused);
    STRCMP_CONTAINS("at most 67108864", refused.error().what.c_str());
    CHECK_EQUAL(7U, installed().generation);
}
