// SPDX-License-Identifier: Apache-2.0
// Schedules come into force and go on the real gate while packets flow. The hour is the test's.
#include <atomic>

#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/snapshots.hpp"
#include "tests/unit/gate/runtime_folder.hpp"
#include "tests/unit/gate/traffic.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;
using namespace sweepgate::gate;

namespace {

/// Aim is dropped, irc rejected; at lunch aim passes, in the evening irc does.
Snapshot timed() {
    auto snapshot = snapshot_of({{"203.0.113.0/28", 0}, {"203.0.113.16/28", 1}});
    const std::vector<std::optional<Action>> unchanged(4);
    auto lunch = Schedule{"lunch", kEveryDay, 720, 780, Clock::local, {unchanged, unchanged}};
    lunch.actions[0][0] = Action::pass;
    auto evening = Schedule{"evening", kEveryDay, 1080, 0, Clock::utc, {unchanged, unchanged}};
    evening.actions[0][1] = Action::pass;
    snapshot.rules.schedules = {lunch, evening};
    return snapshot;
}

struct Seen {
    std::uint64_t dropped, rejected;
};

Seen seen(const gate::Gate& gate) {
    const auto report = gate.report("");
    return {counter(report, "drop"), counter(report, "reject")};
}

/// What two hundred packets later has changed.
Seen meanwhile(const gate::Gate& gate) {
    const auto settled = counter(gate.report(""), "received");
    wait_for(gate, "received", settled + 256); // whatever was judged before is counted
    const auto before = seen(gate);
    wait_for(gate, "received", counter(gate.report(""), "received") + 256);
    const auto after = seen(gate);
    return {after.dropped - before.dropped, after.rejected - before.rejected};
}

} // namespace

TEST_GROUP(GateSchedule) {
    RuntimeFolder folder;
    std::atomic<unsigned> hour{9}; // of a Monday, local time; UTC is an hour behind
    CivilTimes now() const {
        return {static_cast<WeekMinute>(hour * 60), static_cast<WeekMinute>(hour * 60 - 60)};
    }
};

TEST(GateSchedule, FlipsVerdictsWhilePacketsFlow) {
    const std::string capture = folder.file("in.pcap");
    write_capture(capture, {packet().ipv4("192.0.2.1", "203.0.113.1").udp(1, 2).padded(60),
                            packet().ipv4("192.0.2.1", "203.0.113.17").udp(1, 2).padded(60),
                            packet().ipv4("192.0.2.1", "192.0.2.2").udp(1, 2).padded(60)});
    GateOptions options;
    options.hugepages = false;
    options.memory_mb = 128;
    options.civil_times = [this] { return now(); };
    options.pairs = {{"net_pcap0,rx_pcap=" + capture + ",infinite_rx=1", "net_null0,no-rx=1"}};
    auto opened = Gate::open(options);
    if (!opened) FAIL(opened.error().what.c_str());
    auto& gate = **opened;
    const auto snapshot = timed();
    CHECK_FALSE(gate.follow_clock().value()); // nothing is installed yet
    CHECK_TRUE(gate.install(snapshot).has_value());
    CHECK_TRUE(gate.launch().has_value());
    const auto expect = [&](bool aim, bool irc, std::vector<std::string> names) {
        const auto moved = meanwhile(gate);
        CHECK_EQUAL(aim, moved.dropped > 0);
        CHECK_EQUAL(irc, moved.rejected > 0);
        const auto report = gate.report("");
        CHECK_TRUE(names == report.schedules);
        CHECK_TRUE(digest_of(snapshot) == report.digest); // of what was published, always
        CHECK_EQUAL(7U, report.generation);
    };

    expect(true, true, {});
    CHECK_FALSE(gate.follow_clock().value()); // the same hour: nothing to do
    hour = 12;
    CHECK_TRUE(gate.follow_clock().value());
    expect(false, true, {"lunch"});
    CHECK_TRUE(gate.probe(parse_address("203.0.113.1").value()).action == Action::pass);
    hour = 20; // a clock that jumps
    CHECK_TRUE(gate.follow_clock().value());
    expect(true, false, {"evening"});
    hour = 18; // not yet: 17:00 by its own clock
    CHECK_TRUE(gate.follow_clock().value());
    expect(true, true, {});
    hour = 12;
    CHECK_TRUE(gate.install(snapshot).has_value()); // a restart at lunch
    expect(false, true, {"lunch"});
    auto plain = snapshot;
    plain.rules.schedules.clear();
    CHECK_TRUE(gate.install(plain).has_value());
    CHECK_TRUE(gate.report("").schedules.empty());
    gate.stop();
    const auto report = gate.report("");
    const auto lost = counter(report, "received") - counter(report, "sent") -
                      counter(report, "tx_full") - counter(report, "drop") -
                      counter(report, "reject");
    CHECK_EQUAL(0U, lost);
    CHECK_EQUAL(0U, counter(report, "drop_unjudged"));
}
