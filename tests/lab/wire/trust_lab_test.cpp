// SPDX-License-Identifier: Apache-2.0
// Signing keys that are replaced and withdrawn under gates that nobody touches, and upstreams that
// stand still.
#include "tests/lab/wire/fixture.hpp"

#include <algorithm>
#include <cstdio>
#include <thread>

#include "controlplane/wire/beacon_proof.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;
using namespace sweepgate::wire::testing;

TEST_GROUP(TrustLab) {
    Folder folder;
    SigningKey root = SigningKey::generate();
    SigningKey next = SigningKey::generate();
    std::unique_ptr<Controller> controller;
    std::vector<std::unique_ptr<RecordingGate>> gates;
    std::vector<std::unique_ptr<Replica>> replicas;

    void setup() override {
        PublisherOptions options;
        options.updates = {folder.ipc("updates")};
        options.requests = {folder.ipc("requests")};
        options.beacon_every = std::chrono::milliseconds(200);
        controller = std::make_unique<Controller>(options);
    }
    void teardown() override {
        replicas.clear();
        controller.reset();
        gates.clear();
    }

    /// A box whose file has the root key and the controller's first signing key.
    Trust trust_of(const std::string& list = {}) {
        const auto file = folder.file("keys");
        if (FILE* out = std::fopen(file.c_str(), "w"); out != nullptr) {
            std::fprintf(out, "%s\n%s\n", to_line(controller->key.verify_key()).c_str(),
                         to_root_line(root.verify_key()).c_str());
            std::fclose(out);
        }
        return Trust::open({file, {}, list}).value();
    }
    Replica& add_gate(const std::string& name, const std::string& state = {}) {
        auto options = replica_options(*controller, name);
        options.trust = trust_of(state.empty() ? state : state + ".trust");
        options.state_file = state;
        options.fresh_within = std::chrono::milliseconds(1000);
        gates.push_back(std::make_unique<RecordingGate>());
        replicas.push_back(started(options, gates.back()->handlers()));
        return *replicas.back();
    }
    void announce(std::uint64_t version, std::uint64_t epoch, std::vector<VerifyKey> signing,
                  std::vector<VerifyKey> retired) {
        const TrustList list{version, epoch, Instant(std::chrono::seconds(1'790'000'000)),
                             std::move(signing), std::move(retired)};
        controller->publisher->publish_trust(countersign(to_text(list).value(), root).value(),
                                             version);
    }
    bool all_hold(Generation generation) {
        return soon([&] {
            return std::ranges::all_of(
                gates, [&](const auto& gate) { return gate->generation() == generation; });
        });
    }
    static std::uint64_t count(const Replica& replica, const std::string& what) {
        const auto counters = replica.state().counters;
        const auto found = counters.find(what);
        return found == counters.end() ? 0 : found->second;
    }
};

TEST(TrustLab, AnotherKeySignsOnAndNoGateRefusesAnything) {
    auto& early = add_gate("early");
    controller->publish(snapshot_of(1));
    CHECK_TRUE(all_hold(1));
    const auto first = snapshot_of(1);
    announce(1, 0, {controller->key.verify_key(), next.verify_key()}, {});
    controller->publisher->publish(update_of(snapshot_of(2), next, &first));
    auto& late = add_gate("late"); // has to ask for the list
    CHECK_TRUE(all_hold(2));
    LONGS_EQUAL(0, count(early, "forged"));
    LONGS_EQUAL(0, count(late, "forged"));
    LONGS_EQUAL(1, late.state().trust_version);
}

TEST(TrustLab, WhatAThiefSignedAtTheLastNumberIsLeftByANewEpoch) {
    auto& gate = add_gate("gate", folder.file("state"));
    controller->publish(snapshot_of(7));
    CHECK_TRUE(all_hold(7));
    controller->publish(snapshot_of(last_of(0))); // by whoever has the key
    CHECK_TRUE(all_hold(last_of(0)));
    announce(1, 1, {next.verify_key()}, {controller->key.verify_key()});
    controller->publisher->publish(update_of(snapshot_of(kEpochSpan + 8), next));
    CHECK_TRUE(all_hold(kEpochSpan + 8));
    // The thief is out, also with numbers of the new epoch.
    controller->publisher->publish(update_of(snapshot_of(kEpochSpan + 9), controller->key));
    CHECK_TRUE(soon([&] { return count(gate, "forged") > 0; }));
    CHECK_TRUE(gates.front()->generation() == kEpochSpan + 8);
}

TEST(TrustLab, LastGoodOfARetiredKeyStaysInForceOverAStart) {
    add_gate("gate", folder.file("state"));
    controller->publish(snapshot_of(3));
    CHECK_TRUE(all_hold(3));
    announce(1, 1, {next.verify_key()}, {controller->key.verify_key()});
    CHECK_TRUE(soon([&] { return replicas.front()->state().trust_version == 1; }));
    replicas.clear();
    controller->stop();
    gates.push_back(std::make_unique<RecordingGate>());
    ReplicaOptions options;
    options.updates = folder.ipc("nobody");
    options.requests = options.updates;
    options.trust = trust_of(folder.file("state.trust"));
    options.state_file = folder.file("state");
    options.gate = "gate";
    replicas.push_back(started(options, gates.back()->handlers()));
    LONGS_EQUAL(3, gates.back()->generation());
    LONGS_EQUAL(1, replicas.back()->state().trust_version);
}

TEST(TrustLab, ARetiredKeyIsOutAtTwoHundredGatesWithinAMinute) {
    constexpr std::size_t kGates = 200;
    for (std::size_t i = 0; i < kGates; ++i) add_gate("gate" + std::to_string(i));
    controller->publish(snapshot_of(1));
    CHECK_TRUE(all_hold(1) || all_hold(1) || all_hold(1)); // so many threads take their time
    const auto began = std::chrono::steady_clock::now();
    announce(1, 1, {next.verify_key()}, {controller->key.verify_key()});
    CHECK_TRUE(soon([&] {
        return std::ranges::all_of(
            replicas, [](const auto& replica) { return replica->state().trust_version == 1; });
    }));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("(%zu gates in %.2f s) ", kGates, took.count());
    controller->publish(snapshot_of(2));
    CHECK_TRUE(soon([&] {
        return std::ranges::all_of(
            replicas, [](const auto& replica) { return count(*replica, "forged") > 0; });
    }));
    CHECK_TRUE(all_hold(1));
}

TEST(TrustLab, AnUpstreamThatRepeatsWhatTheControllerSaidOnceIsTold) {
    auto& gate = add_gate("gate");
    controller->publish(snapshot_of(1));
    controller->publisher->sign_beacons(controller->key);
    CHECK_TRUE(all_hold(1));
    // While it is signed anew nothing is said, however long that is.
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    CHECK_EQUAL(std::string(), gate.state().refusal);
    // A relay in its place, which has one word of the controller and shows it for ever.
    const auto old = seal_proof({77, 1, 1, digest_of(snapshot_of(1))}, controller->key);
    controller->restart();
    controller->publisher->pass_proof(old);
    CHECK_TRUE(soon([&] { return count(gate, "stale_proof") > 0; }));
    CHECK_TRUE(
        soon([&] { return gate.state().refusal.starts_with("upstream shows nothing new"); }));
    CHECK_TRUE(gate.state().connected);
    // The controller told it of more than it passes on.
    std::uint64_t said = 1;
    CHECK_TRUE(soon([&] {
        controller->publisher->pass_proof(seal_proof({77, ++said, 9, {}}, controller->key));
        return gate.state().refusal.starts_with("the controller has published generation 9, and");
    }));
}
