// SPDX-License-Identifier: Apache-2.0
// The same packets through the plain reference model, the DPDK filter and the real kernel, over
// random snapshots at random hours of the week: no verdict, and no counter it is booked on, may
// differ. The kernel gets the outermost IP packet, without labels or session, and judges that one
// layer.
#include "dataplane/filter/judge.hpp"
#include "tests/lab/differential/random_packet.hpp"
#include "tests/lab/nftables/nft_lab.hpp"
#include "tests/unit/model/random_snapshot.hpp"

#include <iostream>
#include <map>

#include <CppUTest/CommandLineTestRunner.h>
#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using testing::RandomPacket;

namespace {

struct Ruling {
    Action action = Action::pass;
    std::string system;

    friend bool operator==(const Ruling&, const Ruling&) = default;
};

std::string text_of(const Ruling& ruling) {
    return std::string(to_string(ruling.action)) + " " + ruling.system;
}

Ruling by_reference(const Snapshot& snapshot, std::span<const Flow> layers) {
    const auto decision = judge(snapshot, layers);
    return {decision.action,
            decision.action == Action::pass ? "" : snapshot.rules.systems[decision.system].id};
}

Ruling by_filter(const filter::Tables& tables, const RandomPacket& packet) {
    const auto size = static_cast<std::uint32_t>(packet.frame.size());
    const filter::Frame frame{packet.frame.data(), size, size};
    filter::Judgement judgement;
    if (filter::judge_burst(tables, filter::MalformedFate::drop, &frame, 1, &judgement) == 0)
        return {};
    switch (judgement.verdict) {
    case filter::Verdict::pass:
    case filter::Verdict::pass_allowed: return {};
    case filter::Verdict::monitor: return {Action::monitor, tables.systems()[judgement.system].id};
    case filter::Verdict::limit: return {Action::limit, tables.systems()[judgement.system].id};
    case filter::Verdict::reject: return {Action::reject, tables.systems()[judgement.system].id};
    case filter::Verdict::drop: return {Action::drop, tables.systems()[judgement.system].id};
    default: return {Action::pass, "filter said " + std::string(to_string(judgement.verdict))};
    }
}

struct Tally {
    std::map<Action, unsigned> actions;
    unsigned packets = 0;
    unsigned scheduled = 0; // snapshots with a schedule in force
    unsigned not_forwarded = 0;
    unsigned quoted = 0; // passed by the kernel because of what an ICMP error quotes
    unsigned inner = 0;  // stopped or counted by the filter because of an inner address
};

void compare_one(lab::NftLab& kernel, const filter::Tables& tables, const Snapshot& snapshot,
                 const RandomPacket& packet, Tally& tally) {
    const auto reference = by_reference(snapshot, packet.layers);
    const auto outermost = std::span(packet.layers).first(1);
    const auto message = packet.shape + " " + to_string(outermost[0].source) + " -> " +
                         to_string(outermost[0].destination) + " expected " + text_of(reference);
    STRCMP_EQUAL_TEXT(text_of(reference).c_str(), text_of(by_filter(tables, packet)).c_str(),
                      message.c_str());
    const auto fate = kernel.fate_of(std::span(packet.frame).subspan(packet.network));
    CHECK_TRUE_TEXT(fate.has_value(), fate ? "" : fate.error().what.c_str());
    ++tally.packets;
    if (!fate->forwarded) {
        ++tally.not_forwarded;
        return;
    }
    ++tally.actions[fate->action];
    const auto of_one_layer = by_reference(snapshot, outermost);
    if (!(of_one_layer == reference)) ++tally.inner;
    if (testing::is_saved_by_quote(snapshot, packet.layers.front())) ++tally.quoted;
    STRCMP_EQUAL_TEXT(text_of(of_one_layer).c_str(),
                      text_of(Ruling{fate->action, fate->system}).c_str(), message.c_str());
}

unsigned rounds = 1000;
constexpr unsigned kPacketsPerRound = 100;

} // namespace

TEST_GROUP(Gates){};

TEST(Gates, AgreeWithTheReferenceOnEveryPacket) {
    CivilTimes now;
    auto kernel = lab::NftLab::create([&now] { return now; });
    CHECK_TRUE_TEXT(kernel.has_value(), kernel ? "" : kernel.error().what.c_str());
    std::mt19937 random(20);
    Tally tally;
    for (unsigned round = 1; round <= rounds; ++round) {
        const auto published = testing::random_snapshot(random, round);
        now = {static_cast<WeekMinute>(random() % kMinutesPerWeek),
               static_cast<WeekMinute>(random() % kMinutesPerWeek)};
        const auto schedules = schedules_at(published.rules, now);
        if (schedules != 0) ++tally.scheduled;
        const auto tables = filter::Tables::compile(published, schedules);
        CHECK_TRUE(tables.has_value());
        const auto applied = kernel->apply(published);
        CHECK_TRUE_TEXT(applied.has_value(), applied ? "" : applied.error().what.c_str());
        const auto snapshot = snapshot_under(published, schedules);
        for (unsigned i = 0; i < kPacketsPerRound; ++i)
            compare_one(*kernel, **tables, snapshot, testing::random_packet(random), tally);
    }
    std::cout << tally.packets << " packets over " << rounds << " snapshots";
    for (const auto& [action, count] : tally.actions)
        std::cout << ", " << count << ' ' << to_string(action);
    std::cout << ", " << tally.inner << " because of an inner address, " << tally.quoted
              << " passed for their quote, " << tally.not_forwarded
              << " never forwarded by the kernel, " << tally.scheduled << " snapshots scheduled\n";
    // Each action must have been met often, or the comparison says nothing.
    for (const auto action :
         {Action::pass, Action::monitor, Action::limit, Action::reject, Action::drop})
        CHECK_TRUE(tally.actions[action] > tally.packets / 100);
    CHECK_TRUE(tally.scheduled > rounds / 10);
    CHECK_TRUE(tally.inner > tally.packets / 100);
    CHECK_TRUE(tally.quoted > tally.packets / 3000);
    CHECK_TRUE(tally.not_forwarded < tally.packets / 50);
}

/// "--rounds N" in front of CppUTest's own arguments makes the comparison longer.
int main(int argc, char** argv) {
    MemoryLeakWarningPlugin::turnOffNewDeleteOverloads();
    if (argc > 2 && std::string_view(argv[1]) == "--rounds") {
        rounds = static_cast<unsigned>(std::stoul(argv[2]));
        argv[2] = argv[0];
        return CommandLineTestRunner::RunAllTests(argc - 2, argv + 2);
    }
    return CommandLineTestRunner::RunAllTests(argc, argv);
}
