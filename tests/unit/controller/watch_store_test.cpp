// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/watch_store.hpp"

#include <cstdlib>
#include <fstream>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;
using namespace std::chrono_literals;

TEST_GROUP(WatchStore) {
    std::filesystem::path folder;
    void setup() override {
        std::string name = "/tmp/sg-watch-XXXXXX";
        folder = ::mkdtemp(name.data());
    }
    void teardown() override { std::filesystem::remove_all(folder); }
    std::filesystem::path file() const { return folder / "watch.sqlite"; }
};

TEST(WatchStore, KeepsAlarmsEventsAndGates) {
    const FiledAlarm alarm{
        7, "gates", {"gate-silent", "", "b", Instant{1h}, Severity::broken, "box", Instant{2h}}};
    GateEvent event{"box/dpdk", {}};
    event.event.time_ms = 1'800'000'000'123;
    event.event.client = *parse_prefix("192.0.2.7");
    event.event.system = "irc";
    event.event.port = 443;
    event.event.port_class = PortClass::evasion;
    wire::PeerState gate;
    gate.gate = "box/dpdk";
    gate.kind = GateKind::dpdk;
    gate.instance = "aaaa-1";
    gate.last_seen = std::chrono::system_clock::time_point(1'800'000'000s);
    gate.report.emplace();
    gate.report->generation = 9;
    gate.report->digest = Digest{3};
    {
        auto store = WatchStore::open(file());
        CHECK_TRUE(store->save({&alarm, 1}, {&event, 1}, nullptr).has_value());
        const std::vector gates{gate};
        CHECK_TRUE(store->save({}, {}, &gates).has_value());
    }
    auto store = WatchStore::open(file());
    const auto alarms = store->alarms().value();
    CHECK_EQUAL(1U, alarms.size());
    LONGS_EQUAL(7, alarms[0].id);
    STRCMP_EQUAL("box: b", line_of(alarms[0].alarm).c_str());
    CHECK_TRUE(alarms[0].alarm.severity == Severity::broken);
    CHECK_TRUE(alarms[0].alarm.until == Instant{2h});
    const auto events = store->events().value();
    CHECK_EQUAL(1U, events.size());
    CHECK_TRUE(events[0].event == event.event);
    const auto gates = store->gates().value();
    CHECK_EQUAL(1U, gates.size());
    CHECK_TRUE(gates[0].remembered && gates[0].kind == GateKind::dpdk);
    CHECK_TRUE(gates[0].last_seen == gate.last_seen);
    LONGS_EQUAL(9, gates[0].report->generation);
    CHECK_TRUE(gates[0].report->digest == Digest{3});
}

TEST(WatchStore, IsBoundedButForWhatStands) {
    auto store = WatchStore::open(file());
    std::vector<FiledAlarm> alarms;
    for (std::uint64_t id = 1; id <= 12'000; ++id)
        alarms.push_back({id, "guard", {"k", "irc", "x", Instant{1h}}});
    for (std::size_t i = 1; i < alarms.size(); ++i) alarms[i].alarm.until = Instant{2h};
    CHECK_TRUE(store->save(alarms, {}, nullptr).has_value());
    const auto kept = store->alarms().value();
    CHECK_EQUAL(kKeptAlarms + 1, kept.size()); // the one that stands is the oldest
    LONGS_EQUAL(1, kept[0].id);
}

TEST(WatchStore, PutsADamagedFileAside) {
    std::ofstream(file()) << std::string(8192, 'x');
    const auto store = WatchStore::open(file());
    CHECK_TRUE(store.has_value());
    CHECK_TRUE(std::filesystem::exists(folder / "watch.sqlite.damaged"));
    STRCMP_CONTAINS("lies beside, as watch.sqlite.damaged", store->lost().c_str());
}
