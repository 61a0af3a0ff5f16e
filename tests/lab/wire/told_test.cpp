// SPDX-License-Identifier: Apache-2.0
// What a replica says of itself: who it is, what it refuses, whether it is saved.
#include <filesystem>
#include <thread>

#include "controlplane/wire/holding.hpp"
#include "controlplane/wire/store.hpp"
#include "tests/lab/wire/fixture.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;
using namespace sweepgate::wire::testing;
using namespace std::chrono_literals;

TEST_GROUP(Told) {
    Folder folder;
    Controller controller{PublisherOptions{
        {folder.ipc("u")}, {folder.ipc("r")}, {}, {}, {{"status", Effort::quick}}, {}}};
    RecordingGate gate;

    std::unique_ptr<Replica> replica(const std::string& state_file = "last-good") {
        auto options = replica_options(controller, "branch7/dpdk");
        options.state_file = folder.file(state_file);
        return started(std::move(options), gate.handlers());
    }
    Speaker speaker() const {
        const auto peers = controller.publisher->peers();
        return peers.empty() || !peers[0].report ? Speaker{} : peers[0].report->speaker;
    }
    std::uint64_t fetches() const { return controller.publisher->counters()["fetches"]; }
};

TEST(Told, WhoItIsAndWhatTimeItHas) {
    controller.publish(snapshot_of(1));
    std::string first;
    {
        const auto running = replica();
        CHECK_TRUE(soon([&] { return speaker().saved_generation == 1; }));
        first = speaker().instance;
        CHECK_TRUE(speaker().saved == Saved::yes);
        CHECK_FALSE(speaker().version.empty());
        const auto offset = controller.publisher->peers()[0].clock_offset;
        CHECK_TRUE(offset && std::chrono::abs(*offset) < 2s);
        CHECK_TRUE(soon([&] { return running->state().clock_offset.has_value(); }));
    }
    const auto running = replica();
    CHECK_TRUE(soon([&] { return speaker().instance != first; }));
    CHECK_TRUE(kept_part(speaker().instance) == kept_part(first));
}

TEST(Told, AnotherKeyIsTheReasonAndIsNotFetchedOverAndOver) {
    controller.publish(snapshot_of(1));
    const auto running = replica();
    CHECK_TRUE(soon([&] { return gate.generation() == 1 && running->state().connected; }));
    controller.publisher->publish(update_of(snapshot_of(2), SigningKey::generate()));
    CHECK_TRUE(soon([&] {
        return speaker().refusal.find("not signed by a key we trust") != std::string::npos;
    }));
    const auto before = fetches();
    std::this_thread::sleep_for(3s);
    CHECK_TRUE(fetches() - before <= 5); // 0.2, 0.4, 0.8, 1.6 s apart; it was 6.5 a second
    controller.publish(snapshot_of(3), false);
    CHECK_TRUE(soon([&] { return gate.generation() == 3 && speaker().refusal.empty(); }));
}

TEST(Told, AnOlderGenerationAndAnotherContentAreReasons) {
    controller.publish(snapshot_of(5));
    const auto running = replica();
    CHECK_TRUE(soon([&] { return gate.generation() == 5 && running->state().connected; }));
    controller.publish(snapshot_of(4), false);
    CHECK_TRUE(soon([&] { return speaker().refusal == "generation 4 is older than the held 5"; }));
    controller.publish(snapshot_of(5, 9), false);
    CHECK_TRUE(soon(
        [&] { return speaker().refusal == "generation 5 came twice with different content"; }));
    controller.publish(snapshot_of(6), false);
    CHECK_TRUE(soon([&] { return gate.generation() == 6 && speaker().refusal.empty(); }));
}

TEST(Told, ANumberWithoutAWayBackIsRefused) {
    controller.publish(snapshot_of(5));
    const auto running = replica();
    CHECK_TRUE(soon([&] { return gate.generation() == 5 && running->state().connected; }));
    controller.publish(snapshot_of(Generation{1} << 63U), false);
    CHECK_TRUE(soon(
        [&] { return speaker().refusal.starts_with("generation 9223372036854775808 is beyond"); }));
    LONGS_EQUAL(5, gate.generation());
    controller.publish(snapshot_of(6), false); // the rightful one goes on
    CHECK_TRUE(soon([&] { return gate.generation() == 6; }));
}

TEST(Told, WhatCannotBeSavedIsEnforcedAndSavedLater) {
    controller.publish(snapshot_of(1));
    // A folder where the file is due cannot be replaced, whoever runs this test.
    std::filesystem::create_directories(folder.file("last-good") + "/in-the-way");
    const auto running = replica();
    const auto receipt = [&] {
        const auto peers = controller.publisher->peers();
        return peers.empty() ? std::nullopt : peers[0].acknowledgement;
    };
    CHECK_TRUE(soon([&] { return receipt().has_value() && speaker().saved == Saved::no; }));
    LONGS_EQUAL(1, gate.generation());
    STRCMP_EQUAL("", receipt()->error.c_str());
    CHECK_TRUE(receipt()->speaker.saved == Saved::no); // and says so at once
    const auto peers = controller.publisher->peers();
    STRCMP_CONTAINS("not saved", peers[0].report->warnings.at(0).c_str());
    std::filesystem::remove_all(folder.file("last-good"));
    CHECK_TRUE(soon([&] { return speaker().saved == Saved::yes; }));
    CHECK_TRUE(load(folder.file("last-good")).has_value());
    LONGS_EQUAL(1, speaker().saved_generation);
}
