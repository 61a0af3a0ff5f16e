// SPDX-License-Identifier: Apache-2.0
// The compile step: what the kernel would be told, in the words of nft.
#include "controlplane/nftables/compile.hpp"
#include "controlplane/nftables/render.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::nftables;

namespace {

SnapshotParts two_systems(Action first, Action second) {
    SnapshotParts parts;
    parts.systems = {{"a-im", "A", "im", {{Transport::tcp, 5190, 5193}}, {}},
                     {"b-irc", "B", "irc", {{Transport::udp, 194, 194}}, {}}};
    parts.groups = {{"everyone", {}}};
    parts.actions = {{first, second}};
    return parts;
}

void list(SnapshotParts& parts, const char* prefix, SystemIndex system,
          Scope scope = Scope::exclusive) {
    parts.listings.push_back({*parse_prefix(prefix), system, scope});
}

Program compiled(const SnapshotParts& parts, std::vector<Prefix> management = {},
                 bool output = false) {
    const auto snapshot = build_snapshot(parts, 7, {}, {});
    CHECK_TRUE(snapshot.has_value());
    const auto program = compile(*snapshot, {"7", {7, {}, 0}, output, std::move(management)});
    CHECK_TRUE(program.has_value());
    return *program;
}

/// The rules of one chain, "; " between them; "none" when there is no such chain.
std::string rules_of(const Program& program, const std::string& chain) {
    for (const auto& each : program.chains) {
        if (each.name != chain) continue;
        std::string text;
        for (const auto& rule : each.rules) text += (text.empty() ? "" : "; ") + render(rule);
        return text;
    }
    return "none";
}

std::size_t size_of(const Program& program, const std::string& set) {
    for (const auto& each : program.sets)
        if (each.name == set) return each.elements.size();
    for (const auto& each : program.verdicts)
        if (each.name == set) return each.elements.size();
    return 0;
}

/// The lookups of the root chain in generation 7: both ends in one map of classes.
std::string both_ends(const std::string& classes, const std::string& tier = "") {
    const auto comment = " comment \"class from sg_g7_" + classes + "\"";
    return "ip daddr vmap @sg_g7_" + tier + "to" + comment + "; ip saddr vmap @sg_g7_" + tier +
           "from" + comment;
}

} // namespace

TEST_GROUP(Compile){
    void expect(const std::string& rules, const Program& program,
                const char* chain){STRCMP_EQUAL(rules.c_str(), rules_of(program, chain).c_str());
}
}
;

TEST(Compile, LooksAtTheDestinationThenAtTheSourceInOneMap) {
    auto parts = two_systems(Action::drop, Action::drop);
    list(parts, "203.0.113.0/24", 0);
    const auto program = compiled(parts);
    expect(both_ends("range4"), program, "sg_g7");
    expect("counter name \"sg_drop_a_im\" drop", program, "sg_g7_c0");
}

TEST(Compile, LooksUpNothingForAnEmptySnapshot) {
    const auto program = compiled(two_systems(Action::drop, Action::drop));
    expect("", program, "sg_g7");
    CHECK_EQUAL(0U, program.sets.size());
    CHECK_EQUAL(0U, program.counters.size());
}

TEST(Compile, MatchesTheServersPortInEachDirectionOfASharedClass) {
    auto parts = two_systems(Action::drop, Action::reject);
    list(parts, "203.0.113.9", 0, Scope::shared);
    list(parts, "203.0.113.9", 1, Scope::shared);
    const auto program = compiled(parts);
    expect("ip frag-off & 8191 != 0 return; frag frag-off != 0 return; "
           "tcp dport 5190-5193 counter name \"sg_drop_a_im\" drop; "
           "udp dport 194 goto sg_g7_reject1",
           program, "sg_g7_c0_to");
    expect("ip frag-off & 8191 != 0 return; frag frag-off != 0 return; "
           "tcp sport 5190-5193 counter name \"sg_drop_a_im\" drop; "
           "udp sport 194 goto sg_g7_reject1",
           program, "sg_g7_c0_from");
    expect(both_ends("host4"), program, "sg_g7");
    CHECK_EQUAL(1U, size_of(program, "sg_g7_host4")); // once, whatever its class means
}

TEST(Compile, PutsTheMostSevereActionFirst) {
    auto parts = two_systems(Action::reject, Action::drop);
    list(parts, "203.0.113.9", 0);
    list(parts, "203.0.113.9", 1);
    expect("counter name \"sg_drop_b_irc\" drop", compiled(parts), "sg_g7_c0");
    parts.listings.clear();
    list(parts, "203.0.113.9", 0, Scope::shared);
    list(parts, "203.0.113.9", 1, Scope::shared);
    expect("ip frag-off & 8191 != 0 return; frag frag-off != 0 return; "
           "udp dport 194 counter name \"sg_drop_b_irc\" drop; "
           "tcp dport 5190-5193 goto sg_g7_reject0",
           compiled(parts), "sg_g7_c0_to");
}

TEST(Compile, BreaksTiesByTheLowestSystem) {
    auto parts = two_systems(Action::drop, Action::drop);
    list(parts, "203.0.113.9", 0);
    list(parts, "203.0.113.9", 1);
    expect("counter name \"sg_drop_a_im\" drop", compiled(parts), "sg_g7_c0");
}

TEST(Compile, CountsBeforeItRejects) {
    auto parts = two_systems(Action::reject, Action::pass);
    list(parts, "203.0.113.9", 0);
    const auto program = compiled(parts);
    expect("goto sg_g7_reject0", program, "sg_g7_c0");
    expect("counter name \"sg_reject_a_im\"; meta l4proto tcp reject with tcp reset; "
           "reject with icmpx admin-prohibited",
           program, "sg_g7_reject0");
}

TEST(Compile, DropsWhatIsRejectedWhereNobodyAnswers) {
    auto parts = two_systems(Action::reject, Action::pass);
    list(parts, "203.0.113.9", 0);
    const auto snapshot = build_snapshot(parts, 7, {}, {});
    const auto program = compile(*snapshot, {"7", {7, {}, 0}, false, {}, false, true});
    expect("counter name \"sg_reject_a_im\" drop", *program, "sg_g7_reject0");
    STRCMP_CONTAINS("ether type ip return; ether type ip6 return; ip daddr",
                    rules_of(*program, "sg_g7").c_str());
}

TEST(Compile, JudgesBothEndsForATerminalActionBeforeItMonitors) {
    auto parts = two_systems(Action::monitor, Action::drop);
    list(parts, "203.0.113.1", 0);
    list(parts, "203.0.113.2", 1);
    const auto program = compiled(parts);
    expect(both_ends("host4") + "; " + both_ends("host4", "watch_"), program, "sg_g7");
    CHECK_EQUAL(2U, size_of(program, "sg_g7_host4"));
    CHECK_EQUAL(1U, size_of(program, "sg_g7_to"));
    CHECK_EQUAL(1U, size_of(program, "sg_g7_watch_to"));
}

TEST(Compile, DispatchesOnlyGroupsThatDiffer) {
    auto parts = two_systems(Action::drop, Action::drop);
    parts.groups.push_back({"staff", {*parse_prefix("192.0.2.0/24")}});
    parts.groups.push_back({"guests", {*parse_prefix("198.51.100.0/24")}});
    parts.groups.push_back({"lab", {*parse_prefix("10.0.0.0/8")}});
    parts.actions = {{Action::drop, Action::drop},
                     {Action::pass, Action::drop},
                     {Action::drop, Action::drop},
                     {Action::reject, Action::drop}};
    list(parts, "203.0.113.1", 0);
    list(parts, "203.0.113.2", 1);
    const auto program = compiled(parts);
    expect("ip saddr @sg_g7_k1_4 return; ip saddr @sg_g7_k3_4 goto sg_g7_c0_to_k3; "
           "counter name \"sg_drop_a_im\" drop",
           program, "sg_g7_c0_to");
    expect("ip daddr @sg_g7_k1_4 return; ip daddr @sg_g7_k3_4 goto sg_g7_c0_from_k3; "
           "counter name \"sg_drop_a_im\" drop",
           program, "sg_g7_c0_from");
    expect("goto sg_g7_reject0", program, "sg_g7_c0_to_k3");
    expect("counter name \"sg_drop_b_irc\" drop", program, "sg_g7_c1");
    CHECK_EQUAL(0U, size_of(program, "sg_g7_k2_4"));
}

TEST(Compile, AllowsFirstAndJoinsManagementToIt) {
    auto parts = two_systems(Action::drop, Action::drop);
    list(parts, "203.0.113.0/24", 0);
    parts.allow = {*parse_prefix("203.0.113.0/25")};
    const auto program =
        compiled(parts, {*parse_prefix("203.0.113.128/25"), *parse_prefix("2001:db8::/32")});
    expect("ip saddr @sg_g7_allow4 accept; ip daddr @sg_g7_allow4 accept; "
           "icmp type 3 jump sg_g7_quote4; icmp type 11-12 jump sg_g7_quote4; "
           "ip6 saddr @sg_g7_allow6 accept; ip6 daddr @sg_g7_allow6 accept; "
           "icmpv6 type 1-4 jump sg_g7_quote6; " +
               both_ends("range4"),
           program, "sg_g7");
    CHECK_EQUAL(1U, size_of(program, "sg_g7_allow4"));
}

TEST(Compile, AllowsIcmpErrorsByBothEndsOfWhatTheyQuote) {
    auto parts = two_systems(Action::drop, Action::drop);
    parts.allow = {*parse_prefix("203.0.113.0/25"), *parse_prefix("2001:db8::/32")};
    const auto program = compiled(parts);
    const std::string whole4 = "@th,64,8 0x45 @th,80,16 >= 0x1c @th,112,16 & 0x3fff == 0x0 ";
    expect("ip frag-off & 8191 != 0 return; " + whole4 + "@th,160,32 @sg_g7_allow4 accept; " +
               whole4 + "@th,192,32 @sg_g7_allow4 accept",
           program, "sg_g7_quote4");
    const std::string whole6 =
        "@th,64,8 & 0xf0 == 0x60 @th,96,16 >= 0x8 @th,112,8 != 0x0 @th,112,8 != 0x2b "
        "@th,112,8 != 0x2c @th,112,8 != 0x3c ";
    expect("frag frag-off != 0 return; " + whole6 + "@th,128,128 @sg_g7_allow6 accept; " + whole6 +
               "@th,256,128 @sg_g7_allow6 accept",
           program, "sg_g7_quote6");
    parts.allow.pop_back();
    expect("none", compiled(parts), "sg_g7_quote6");
}

TEST(Compile, JoinsNeighboursOfOneClassAndKeepsClassesApart) {
    auto parts = two_systems(Action::drop, Action::drop);
    for (const char* prefix : {"203.0.113.1", "203.0.113.2", "203.0.113.3"}) list(parts, prefix, 0);
    list(parts, "203.0.113.4", 1);
    list(parts, "255.255.255.255", 0);
    CHECK_EQUAL(1U, size_of(compiled(parts), "sg_g7_range4"));
    CHECK_EQUAL(2U, size_of(compiled(parts), "sg_g7_host4"));
}

TEST(Compile, AsksTheHostsFirstAndBothFamilies) {
    auto parts = two_systems(Action::drop, Action::drop);
    for (const char* prefix : {"203.0.113.0/24", "198.51.100.1", "2001:db8::/32"})
        list(parts, prefix, 0);
    expect("ip daddr vmap @sg_g7_to comment \"class from sg_g7_host4\"; "
           "ip daddr vmap @sg_g7_to comment \"class from sg_g7_range4\"; "
           "ip6 daddr vmap @sg_g7_to comment \"class from sg_g7_range6\"; "
           "ip saddr vmap @sg_g7_from comment \"class from sg_g7_host4\"; "
           "ip saddr vmap @sg_g7_from comment \"class from sg_g7_range4\"; "
           "ip6 saddr vmap @sg_g7_from comment \"class from sg_g7_range6\"",
           compiled(parts), "sg_g7");
}

TEST(Compile, ListsWhatIsOnlyPassedForTheProbe) {
    auto parts = two_systems(Action::pass, Action::drop);
    list(parts, "203.0.113.1", 0);
    const auto program = compiled(parts);
    expect("none", program, "sg_g7_c0");
    expect("", program, "sg_g7");
    CHECK_EQUAL(1U, size_of(program, "sg_g7_host4"));
}

TEST(Compile, SparesLoopbackNeighbourDiscoveryAndOwnRefusals) {
    const auto program = compiled(two_systems(Action::drop, Action::drop), {}, true);
    expect("iif \"lo\" accept; icmpv6 type 133-137 accept; goto sg_g7", program, "sg_g7_in");
    expect("oif \"lo\" accept; icmpv6 type 133-137 accept; tcp flags rst accept; "
           "icmp type destination-unreachable accept; "
           "icmpv6 type destination-unreachable accept; goto sg_g7",
           program, "sg_g7_out");
    expect("none", compiled(two_systems(Action::drop, Action::drop)), "sg_g7_out");
}

TEST(Compile, PrintsElementsAsNftDoes) {
    auto parts = two_systems(Action::drop, Action::drop);
    list(parts, "203.0.113.0/24", 0);
    list(parts, "198.51.100.1", 0);
    list(parts, "198.51.100.2", 0);
    list(parts, "192.0.2.1", 1);
    const auto text = render(compiled(parts));
    STRCMP_CONTAINS("map sg_g7_range4 {\n\ttype ipv4_addr : mark . mark\n\tflags interval\n"
                    "\telements = { 198.51.100.1-198.51.100.2 : 0x00000000 . 0x00000000, "
                    "203.0.113.0/24 : 0x00000000 . 0x00000000 }",
                    text.c_str());
    STRCMP_CONTAINS("map sg_g7_host4 {\n\ttype ipv4_addr : mark . mark\n\tsize 1\n"
                    "\telements = { 192.0.2.1 : 0x00000000 . 0x00000001 }",
                    text.c_str());
    STRCMP_CONTAINS("map sg_g7_to {\n\ttype mark : verdict\n\tsize 2\n\telements = "
                    "{ 0x00000000 : jump sg_g7_c0, 0x00000001 : jump sg_g7_c1 }",
                    text.c_str());
}

TEST(Compile, RefusesASnapshotThatIsNotValid) {
    auto parts = two_systems(Action::drop, Action::drop);
    list(parts, "203.0.113.0/24", 0);
    const auto good = *build_snapshot(parts, 7, {}, {});
    auto bad = good;
    bad.entries.front().address_class = 9;
    CHECK_FALSE(compile(bad, {"7", {}, true, {}}).has_value());
    bad = good;
    bad.entries.push_back(bad.entries.front());
    CHECK_FALSE(compile(bad, {"7", {}, true, {}}).has_value());
    bad = good;
    bad.rules.systems.front().id = "a b; flush ruleset";
    CHECK_FALSE(compile(bad, {"7", {}, true, {}}).has_value());
}

TEST(Compile, LimitsBehindWhatStopsAndBeforeWhatIsCounted) {
    auto parts = two_systems(Action::limit, Action::monitor);
    parts.systems[0].packets_per_second = 20;
    list(parts, "203.0.113.0/24", 0);
    list(parts, "198.51.100.0/24", 1);
    const auto program = compiled(parts);
    expect(both_ends("range4", "limit_") + "; " + both_ends("range4", "watch_"), program, "sg_g7");
    expect("goto sg_g7_limit0", program, "sg_g7_l0");
    expect("limit name \"sg_rate20_a_im\" counter name \"sg_limit_a_im\" drop; "
           "counter name \"sg_within_a_im\" accept",
           program, "sg_g7_limit0");
    CHECK_EQUAL(1U, program.limits.size());
    CHECK_EQUAL(20U, program.limits[0].packets_per_second);
    STRCMP_CONTAINS("limit sg_rate20_a_im {\n\trate over 20/second burst 20 packets\n}",
                    render(program).c_str());
}
