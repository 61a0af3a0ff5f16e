// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/judge.hpp"

#include <vector>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;

Address address(const char* text) { return *parse_address(text); }
Prefix prefix(const char* text) { return *parse_prefix(text); }

// Systems in order: corp, irc, telegram.
Snapshot site() {
    SnapshotParts parts;
    parts.systems = {{"corp", "Corporate", "corporate", {}, {}},
                     {"irc", "IRC", "irc", {{Transport::tcp, 6660, 6669}}, {}},
                     {"telegram", "Telegram", "im", {{Transport::tcp, 5222, 5222}}, {}}};
    parts.groups = {
        {"everyone", {}}, {"staff", {prefix("192.0.2.0/24")}}, {"lab", {prefix("192.0.2.128/25")}}};
    parts.actions = {{Action::drop, Action::drop, Action::reject},
                     {Action::drop, Action::monitor, Action::reject},
                     {Action::drop, Action::pass, Action::pass}};
    parts.listings = {{prefix("203.0.113.1/32"), 1, Scope::exclusive},
                      {prefix("203.0.113.2/32"), 2, Scope::shared},
                      {prefix("203.0.113.3/32"), 1, Scope::exclusive},
                      {prefix("203.0.113.3/32"), 2, Scope::exclusive},
                      {prefix("2001:db8::1/128"), 1, Scope::exclusive},
                      {prefix("203.0.113.8/32"), 0, Scope::exclusive}};
    parts.allow = {prefix("203.0.113.8/32")};
    return *build_snapshot(std::move(parts), 1, {}, {});
}

Decision tcp(const char* from, const char* to, std::uint16_t from_port, std::uint16_t to_port) {
    static const auto snapshot = site();
    return judge(snapshot, {address(from), address(to), kTcp, Ports{from_port, to_port}});
}

constexpr auto* kGuest = "198.51.100.7";
constexpr auto* kStaff = "192.0.2.7";
constexpr auto* kLab = "192.0.2.200";

} // namespace

TEST_GROUP(Judge){};

TEST(Judge, DropsAnExclusiveAddressOnEveryPortInBothDirections) {
    for (const auto port : std::array<std::uint16_t, 6>{21, 25, 53, 80, 443, 6667}) {
        CHECK_TRUE(tcp(kGuest, "203.0.113.1", 40000, port).action == Action::drop);
        CHECK_TRUE(tcp("203.0.113.1", kGuest, port, 40000).action == Action::drop);
    }
    CHECK_EQUAL(1, tcp(kGuest, "203.0.113.1", 40000, 80).system);
}

TEST(Judge, EnforcesASharedAddressOnItsOwnPortsOnly) {
    CHECK_TRUE(tcp(kGuest, "203.0.113.2", 40000, 5222).action == Action::reject);
    CHECK_TRUE(tcp(kGuest, "203.0.113.2", 40000, 443).action == Action::pass);
    CHECK_TRUE(tcp("203.0.113.2", kGuest, 5222, 40000).action == Action::reject);
    // The client's port is not the server's.
    CHECK_TRUE(tcp(kGuest, "203.0.113.2", 5222, 443).action == Action::pass);
}

TEST(Judge, MatchesThePortsTransport) {
    const auto snapshot = site();
    const Flow flow{address(kGuest), address("203.0.113.2"), kUdp, Ports{40000, 5222}};
    CHECK_TRUE(judge(snapshot, flow).action == Action::pass);
}

TEST(Judge, PassesALaterFragmentOfASharedAddressAndDropsItOfAnExclusiveOne) {
    const auto snapshot = site();
    CHECK_TRUE(judge(snapshot, {address(kGuest), address("203.0.113.2"), kTcp, {}}).action ==
               Action::pass);
    CHECK_TRUE(judge(snapshot, {address(kGuest), address("203.0.113.1"), kTcp, {}}).action ==
               Action::drop);
}

TEST(Judge, TakesTheMostSevereActionOverTheSystemsOfAClass) {
    const auto decision = tcp(kGuest, "203.0.113.3", 40000, 80);
    CHECK_TRUE(decision.action == Action::drop);
    CHECK_EQUAL(1, decision.system);
}

TEST(Judge, GivesTheLongestMatchingGroupItsOwnRow) {
    CHECK_TRUE(tcp(kStaff, "203.0.113.1", 40000, 80).action == Action::monitor);
    CHECK_TRUE(tcp(kLab, "203.0.113.1", 40000, 80).action == Action::pass);
    CHECK_TRUE(tcp("203.0.113.1", kStaff, 80, 40000).action == Action::monitor);
}

TEST(Judge, PutsAllowBeforeEverything) {
    const auto decision = tcp(kGuest, "203.0.113.8", 40000, 443);
    CHECK_TRUE(decision.allowed);
    CHECK_TRUE(decision.action == Action::pass);
    CHECK_TRUE(tcp("203.0.113.8", "203.0.113.1", 1, 2).allowed);
}

TEST(Judge, LetsADestinationsTerminalActionStand) {
    // Telegram's shared address rejects on its port although the source would be dropped.
    const auto decision = tcp("203.0.113.1", "203.0.113.2", 6667, 5222);
    CHECK_TRUE(decision.action == Action::reject);
    CHECK_EQUAL(2, decision.system);
}

TEST(Judge, FallsThroughToTheSourceWhenTheDestinationDoesNotEnd) {
    const auto decision = tcp("203.0.113.1", "203.0.113.2", 6667, 443);
    CHECK_TRUE(decision.action == Action::drop);
    CHECK_EQUAL(1, decision.system);
}

TEST(Judge, PassesWhatNobodyLists) {
    CHECK_TRUE(tcp(kGuest, "203.0.113.77", 1, 80) == Decision{});
    const auto snapshot = site();
    const Flow other{address("2001:db8::9"), address("2001:db8::1"), kTcp, Ports{1, 80}};
    CHECK_TRUE(judge(snapshot, other).action == Action::drop);
}

TEST_GROUP(JudgeTunnel) {
    Snapshot snapshot = site();
    Flow outer{address("198.51.100.1"), address("198.51.100.2"), 47, {}};
    Flow inner = to("203.0.113.1");

    void setup() override { snapshot.rules.inspect_tunnels = true; }
    static Flow to(const char* server, const char* client = kGuest) {
        return {address(client), address(server), kTcp, Ports{40000, 80}};
    }
    Decision judged(const std::vector<Flow>& layers) { return judge(snapshot, layers); }
};

TEST(JudgeTunnel, StaysShutUnlessTheRulesOpenIt) {
    CHECK_TRUE(judged({outer, inner}).action == Action::drop);
    snapshot.rules.inspect_tunnels = false;
    CHECK_TRUE(judged({outer, inner}) == Decision{});
    CHECK_TRUE(judged({inner}).action == Action::drop);
}

TEST(JudgeTunnel, LetsTheMostSevereLayerDecide) {
    const auto monitored = to("203.0.113.1", kStaff);
    CHECK_TRUE(judged({monitored, inner}).action == Action::drop);
    CHECK_TRUE(judged({inner, monitored}).action == Action::drop);
    CHECK_TRUE(judged({outer, monitored}).action == Action::monitor);
    CHECK_TRUE(judged({outer, to("203.0.113.77")}) == Decision{});
}

TEST(JudgeTunnel, ExcusesNoListedAddressInsideAnAllowedTunnel) {
    const auto sanctioned = to("203.0.113.8");
    CHECK_TRUE(judged({sanctioned, inner}).action == Action::drop);
    CHECK_TRUE(judged({sanctioned, to("203.0.113.77")}).allowed);
}

TEST(JudgeTunnel, ExcusesNoListedTunnelBecauseOfAnAllowedAddressInside) {
    const auto sanctioned = to("203.0.113.8");
    CHECK_TRUE(judged({inner, sanctioned}).action == Action::drop);
    CHECK_TRUE(judged({outer, sanctioned}) == Decision{});
}

TEST(JudgeTunnel, LooksTwoLayersDeep) {
    CHECK_TRUE(judged({outer, outer, inner}).action == Action::drop);
    CHECK_TRUE(judged({outer, outer, outer, inner}) == Decision{});
}

TEST(Judge, PutsALimitBetweenMonitorAndReject) {
    auto snapshot = site();
    const auto judged = [&](Action to, Action from) {
        snapshot.rules.actions[0] = {Action::drop, to, from}; // irc, telegram
        const Flow flow{address("203.0.113.2"), address("203.0.113.1"), kTcp, Ports{5222, 80}};
        return judge(snapshot, flow);
    };
    CHECK_TRUE(judged(Action::limit, Action::pass) == (Decision{Action::limit, 1, false}));
    CHECK_TRUE(judged(Action::limit, Action::monitor) == (Decision{Action::limit, 1, false}));
    CHECK_TRUE(judged(Action::monitor, Action::limit) == (Decision{Action::limit, 2, false}));
    CHECK_TRUE(judged(Action::limit, Action::reject) == (Decision{Action::reject, 2, false}));
    CHECK_TRUE(judged(Action::reject, Action::limit) == (Decision{Action::reject, 1, false}));
    CHECK_FALSE(is_terminal(Action::limit));
}

TEST(Judge, KeepsTheNumbersOfActionsThatHaveTravelled) {
    const std::array codes{Action::pass, Action::monitor, Action::reject, Action::drop,
                           Action::limit};
    for (std::size_t i = 0; i < codes.size(); ++i) {
        CHECK_EQUAL(i + 1, code_of(codes.at(i)));
        CHECK_TRUE(action_of(static_cast<std::uint8_t>(i + 1)) == codes.at(i));
    }
    for (const auto code : std::array<std::uint8_t, 3>{0, 6, 255})
        STRCMP_EQUAL("unknown", std::string(to_string(action_of(code))).c_str());
}

TEST_GROUP(JudgeIcmpError) {
    Snapshot snapshot = site();

    /// From a listed router to a client, about a packet between these two.
    Decision about(const char* from, const char* to, const char* router = "203.0.113.1") {
        Flow error{address(router), address(kGuest), 1, {}};
        error.quote = Quote{address(from), address(to)};
        return judge(snapshot, error);
    }
};

TEST(JudgeIcmpError, PassesWhenItQuotesAPacketOfAnAllowedHost) {
    CHECK_TRUE(about(kGuest, "203.0.113.8") == (Decision{Action::pass, kNoSystem, true}));
    CHECK_TRUE(about("203.0.113.8", kGuest).allowed);
}

TEST(JudgeIcmpError, IsJudgedByItsOwnEndsWhenTheQuotedPacketIsNotAllowed) {
    CHECK_TRUE(about(kGuest, "203.0.113.1").action == Action::drop);
    CHECK_TRUE(about(kGuest, "192.0.2.77").action == Action::drop); // unlisted is not allowed
    CHECK_TRUE(judge(snapshot, {address("203.0.113.1"), address(kGuest), 1, {}}).action ==
               Action::drop);
}

TEST(JudgeIcmpError, OfAnUnlistedRouterPassesAsItDid) {
    CHECK_TRUE(about(kGuest, "203.0.113.1", "192.0.2.254") == Decision{});
}

TEST(JudgeIcmpError, DoesNotSaveTheTunnelAroundIt) {
    snapshot.rules.inspect_tunnels = true;
    std::vector<Flow> layers{{address("203.0.113.1"), address(kGuest), 4, {}},
                             {address("203.0.113.1"), address(kGuest), 1, {}}};
    layers[1].quote = Quote{address(kGuest), address("203.0.113.8")};
    CHECK_TRUE(judge(snapshot, layers).action == Action::drop);
    layers[0].source = address("192.0.2.254");
    CHECK_TRUE(judge(snapshot, layers).action == Action::pass);
}

TEST(JudgeIcmpError, IsOfTheTypesThatARouterSendsBack) {
    std::string types;
    for (const auto family : {Family::ipv4, Family::ipv6})
        for (unsigned type = 0; type < 256; ++type)
            if (is_icmp_error(family, static_cast<std::uint8_t>(type)))
                types += std::to_string(type) + " ";
    STRCMP_EQUAL("3 11 12 1 2 3 4 ", types.c_str());
}
