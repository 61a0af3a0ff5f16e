// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/events.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;
using nlohmann::json;

namespace {

constexpr Instant kNow{std::chrono::seconds(1'796'067'061)}; // 2026-11-30T19:31:01Z

Result<EventFilter> read(const json& options) {
    return read_event_filter(*RequestOptions::read({"events", "", options.dump()}, {},
                                                   {"client", "system", "class", "since"}),
                             kNow);
}

/// `ago` seconds before.
GateEvent seen(std::uint32_t client, const char* system, PortClass port_class, std::int64_t ago) {
    const auto at = (kNow - std::chrono::seconds(ago)).time_since_epoch().count();
    return {
        "box/dpdk",
        {static_cast<std::uint64_t>(at) * 1000, host(ipv4(client)), system, 6, 443, port_class}};
}

} // namespace

TEST_GROUP(Events) {
    std::vector<GateEvent> newest_first{seen(1, "irc", PortClass::evasion, 5),
                                        seen(2, "aim", PortClass::own, 90),
                                        seen(1, "aim", PortClass::own, 7200)};

    std::size_t count(const json& options) const {
        return wanted_events(newest_first, *read(options), 100).size();
    }
};

TEST(Events, StandOldestFirst) {
    const auto all = wanted_events(newest_first, EventFilter(), 2);
    CHECK_EQUAL(2U, all.size());
    STRCMP_EQUAL("aim", all[0].event.system.c_str());
    STRCMP_EQUAL("irc", all[1].event.system.c_str());
}

TEST(Events, AreChosenByClientSystemClassAndTime) {
    CHECK_EQUAL(3U, count(json::object()));
    CHECK_EQUAL(2U, count({{"client", "0.0.0.1"}}));
    CHECK_EQUAL(3U, count({{"client", "0.0.0.0/24"}}));
    CHECK_EQUAL(2U, count({{"system", "aim"}}));
    CHECK_EQUAL(1U, count({{"class", "evasion"}}));
    CHECK_EQUAL(2U, count({{"since", "2m"}}));
    CHECK_EQUAL(3U, count({{"since", "1d"}}));
    CHECK_EQUAL(1U, count({{"since", "2026-11-30T19:30:00Z"}}));
    CHECK_TRUE(read(json::object())->is_empty());
    CHECK_FALSE(read({{"system", "irc"}})->is_empty());
}

TEST(Events, RefuseWhatIsNoFilter) {
    for (const auto& wrong : {json{{"client", "bob"}}, json{{"class", "odd"}}, json{{"since", "x"}},
                              json{{"since", "5"}}, json{{"since", "99999999999999999999m"}}})
        CHECK_FALSE(read(wrong).has_value());
}
