// SPDX-License-Identifier: Apache-2.0
// Schedules on the real kernel: the hour is the test's, the packets are real.
#include "tests/lab/nftables/made_snapshot.hpp"
#include "tests/lab/nftables/nft_lab.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::lab;

namespace {

WeekMinute at(std::string_view text) { return week_minute_from(text).value(); }

/// "drop" passes at lunch, for all but the staff, who are only watched anyway.
Snapshot timed(Generation generation) {
    auto parts = three_systems();
    list(parts, "203.0.113.0/24", 0);
    list(parts, "198.51.100.0/24", 2);
    Schedule lunch{"lunch", 0x1F, 720, 780, Clock::local, {}};
    lunch.actions = {{Action::pass, {}, {}}, {{}, {}, {}}};
    Schedule night{"night", kEveryDay, 1320, 360, Clock::local, {}};
    night.actions = {{Action::reject, {}, Action::drop}, {{}, {}, Action::drop}};
    parts.schedules = {lunch, night};
    return made(parts, generation);
}

} // namespace

TEST_GROUP(KernelSchedule) {
    WeekMinute now = at("mon 09:00");
    NftLab lab = created();

    NftLab created() {
        auto made_lab = NftLab::create([this] { return CivilTimes{now, now}; });
        if (!made_lab) FAIL(made_lab.error().what.c_str());
        return std::move(*made_lab);
    }
    void apply(const Snapshot& snapshot) {
        if (const auto ok = lab.apply(snapshot); !ok) FAIL(ok.error().what.c_str());
    }
    void expect(Action action, const char* from, const char* to) {
        const Flow flow{*parse_address(from), *parse_address(to), 6, Ports{40000, 443}};
        const auto fate = lab.fate_of(to_packet(flow));
        if (!fate) FAIL(fate.error().what.c_str());
        STRCMP_EQUAL(std::string(to_string(action)).c_str(),
                     std::string(to_string(fate->action)).c_str());
    }
    nftables::Installed installed() {
        const auto read = lab.gate().installed();
        CHECK_TRUE(read.has_value() && read->has_value());
        return **read;
    }
};

TEST(KernelSchedule, FlipsVerdictsAndKeepsGenerationAndDigest) {
    const auto snapshot = timed(7);
    apply(snapshot);
    expect(Action::drop, "192.0.2.1", "203.0.113.9");
    expect(Action::reject, "192.0.2.1", "198.51.100.9");
    CHECK_EQUAL(0U, installed().schedules);

    now = at("mon 12:30");
    CHECK_EQUAL(1U, lab.gate().schedules_now(snapshot.rules));
    apply(snapshot);
    expect(Action::pass, "192.0.2.1", "203.0.113.9");
    expect(Action::monitor, "192.0.2.200", "203.0.113.9"); // staff
    const auto probe = lab.gate().probe(*parse_address("203.0.113.9"));
    CHECK_TRUE(probe->action == Action::pass);
    STRCMP_EQUAL("", probe->error.c_str());
    CHECK_EQUAL(1U, installed().schedules);
    CHECK_EQUAL(7U, installed().generation);
    CHECK_TRUE(installed().digest == digest_of(snapshot));

    const auto again = lab.gate().apply(snapshot);
    CHECK_EQUAL(0U, again->build_us); // the same hour: a no-op
    now = at("tue 03:00");            // a clock that jumps over the end of one into another
    apply(snapshot);
    expect(Action::reject, "192.0.2.1", "203.0.113.9");
    expect(Action::drop, "192.0.2.200", "198.51.100.9");
    CHECK_EQUAL(2U, installed().schedules);
    CHECK_TRUE(lab.gate().probe(*parse_address("203.0.113.9"))->action == Action::reject);

    auto other = timed(7);
    other.rules.schedules.pop_back();
    const auto refused = lab.gate().apply(other); // other content under the number in force
    CHECK_TRUE(refused.error().code == Errc::conflict);
}

TEST(KernelSchedule, IsFoundByAProcessThatStartsAfterwards) {
    const auto snapshot = timed(7);
    now = at("fri 12:00");
    apply(snapshot);
    const auto read_by_another = lab.reopen();
    CHECK_TRUE(read_by_another.has_value());
    CHECK_EQUAL(1U, installed().schedules);
    CHECK_EQUAL(0U, lab.gate().apply(snapshot)->build_us);
    now = at("sat 12:00"); // the box slept: lunch is on weekdays only
    apply(snapshot);
    expect(Action::drop, "192.0.2.1", "203.0.113.9");
}
