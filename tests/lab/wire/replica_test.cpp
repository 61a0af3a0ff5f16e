// SPDX-License-Identifier: Apache-2.0
// One hop over ipc://: subscribe, fetch, delta, gap, restart, forgery.
#include <fstream>

#include "controlplane/wire/store.hpp"
#include "tests/lab/wire/fixture.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;
using namespace sweepgate::wire::testing;

TEST_GROUP(Replica) {
    Folder folder;
    Controller controller{PublisherOptions{
        {folder.ipc("u")}, {folder.ipc("r")}, {}, {}, {{"status", Effort::quick}}, {}}};
    RecordingGate gate;

    std::unique_ptr<Replica> replica() {
        auto options = replica_options(controller, "branch7/dpdk");
        options.state_file = folder.file("last-good");
        return started(std::move(options), gate.handlers());
    }
    static std::uint64_t counted(const Replica& of, const std::string& name) {
        const auto counters = of.state().counters;
        const auto found = counters.find(name);
        return found == counters.end() ? 0 : found->second;
    }
};

TEST(Replica, FetchesWhatWasPublishedBeforeItCame) {
    controller.publish(snapshot_of(1, 50'000)); // more than one chunk
    const auto running = replica();
    CHECK_TRUE(soon([&] { return gate.generation() == 1; }));
    CHECK_TRUE(soon([&] { return controller.publisher->peers().size() == 1; }));
    CHECK_TRUE(soon([&] { return running->state().connected; }));
}

TEST(Replica, AppliesDeltasWithoutFetching) {
    controller.publish(snapshot_of(1));
    const auto running = replica();
    CHECK_TRUE(soon([&] { return gate.generation() == 1; }));
    CHECK_TRUE(soon([&] { return running->state().connected; }));
    const auto fetches = counted(*running, "fetches");
    for (Generation generation = 2; generation < 12; ++generation) {
        controller.publish(snapshot_of(generation));
        CHECK_TRUE(soon([&] { return gate.generation() == generation; }));
    }
    LONGS_EQUAL(10, counted(*running, "deltas"));
    LONGS_EQUAL(fetches, counted(*running, "fetches"));
    CHECK_TRUE(soon([&] { return running->state().digest == digest_of(snapshot_of(11)); }));
}

TEST(Replica, FetchesAfterAGap) {
    controller.publish(snapshot_of(1));
    const auto running = replica();
    CHECK_TRUE(soon([&] { return gate.generation() == 1 && running->state().connected; }));
    controller.publish(snapshot_of(2), false); // no delta at all
    CHECK_TRUE(soon([&] { return gate.generation() == 2; }));
    const auto three = snapshot_of(3);
    const auto four = snapshot_of(4);
    controller.publisher->publish(update_of(four, controller.key, &three)); // 3 never came
    CHECK_TRUE(soon([&] { return gate.generation() == 4; }));
    CHECK_TRUE(counted(*running, "gap") > 0);
}

TEST(Replica, RefusesAForgedDeltaAndAForgedSnapshot) {
    controller.publish(snapshot_of(1));
    const auto running = replica();
    CHECK_TRUE(soon([&] { return gate.generation() == 1 && running->state().connected; }));
    const auto one = snapshot_of(1);
    const auto two = snapshot_of(2);
    controller.publisher->publish(update_of(two, SigningKey::generate(), &one));
    CHECK_TRUE(soon([&] { return counted(*running, "forged") >= 2; })); // the delta, then the fetch
    LONGS_EQUAL(1, gate.generation());
    controller.publish(snapshot_of(3), false); // the right key again
    CHECK_TRUE(soon([&] { return gate.generation() == 3; }));
}

TEST(Replica, RefusesAnOlderGenerationAndAnotherContentOfTheSame) {
    controller.publish(snapshot_of(5));
    const auto running = replica();
    CHECK_TRUE(soon([&] { return gate.generation() == 5 && running->state().connected; }));
    controller.publish(snapshot_of(4), false);
    CHECK_TRUE(soon([&] { return counted(*running, "older") > 0; }));
    controller.publish(snapshot_of(5, 9), false);
    CHECK_TRUE(soon([&] { return counted(*running, "digest_differs") > 0; }));
    LONGS_EQUAL(5, running->state().generation);
    LONGS_EQUAL(1, gate.calls());
}

TEST(Replica, StartsFromDiskWithNobodyThere) {
    controller.publish(snapshot_of(1));
    controller.publish(snapshot_of(2));
    {
        const auto running = replica();
        CHECK_TRUE(soon([&] { return gate.generation() == 2 && running->state().connected; }));
        controller.publish(snapshot_of(3)); // a delta: the chain on disk has two links
        CHECK_TRUE(soon([&] { return running->state().generation == 3; }));
    }
    const auto options = replica_options(controller, "branch7/dpdk");
    controller.stop();
    RecordingGate again;
    auto restarted = options;
    restarted.state_file = folder.file("last-good");
    const auto running = started(std::move(restarted), again.handlers());
    LONGS_EQUAL(3, again.generation()); // within start(), not later
    CHECK_FALSE(running->state().connected);
}

TEST(Replica, CountsATornStateFileAndFetches) {
    controller.publish(snapshot_of(1));
    const auto whole = seal_snapshot(snapshot_of(1), controller.key).value();
    std::ofstream(folder.file("last-good")) << whole.substr(0, whole.size() - 1);
    const auto running = replica();
    LONGS_EQUAL(1, counted(*running, "bad_state"));
    CHECK_TRUE(soon([&] { return gate.generation() == 1; }));
    CHECK_TRUE(soon([&] {
        return load(folder.file("last-good")).value() == whole.substr(0, 0) + running->sealed();
    }));
}

TEST(Replica, GoesOnWhenTheControllerComesBack) {
    controller.publish(snapshot_of(1));
    const auto running = replica();
    CHECK_TRUE(soon([&] { return gate.generation() == 1 && running->state().connected; }));
    controller.restart();
    CHECK_TRUE(soon([&] { // it says again what it holds, unasked
        const auto peers = controller.publisher->peers();
        return peers.size() == 1 && peers[0].acknowledgement &&
               peers[0].acknowledgement->generation == 1;
    }));
    controller.publish(snapshot_of(2));
    CHECK_TRUE(soon([&] { return gate.generation() == 2; }));
}

TEST(Replica, SendsTheGatesRefusalUpstreamAndKeepsTheOldSnapshot) {
    controller.publish(snapshot_of(1));
    const auto running = replica();
    CHECK_TRUE(soon([&] { return gate.generation() == 1 && running->state().connected; }));
    gate.refusing = true;
    controller.publish(snapshot_of(2));
    CHECK_TRUE(soon([&] {
        const auto peers = controller.publisher->peers();
        return peers.size() == 1 && peers[0].acknowledgement &&
               peers[0].acknowledgement->error == "the kernel said no" &&
               peers[0].acknowledgement->generation == 2;
    }));
    LONGS_EQUAL(1, running->state().generation);
    CHECK_TRUE(
        open_chain(load(folder.file("last-good")).value(), std::vector{controller.key.verify_key()})
            ->generation == 1);
    gate.refusing = false;
    controller.publish(snapshot_of(3));
    CHECK_TRUE(soon([&] { return gate.generation() == 3; }));
}

TEST(Replica, TriesARefusedSnapshotAgainByItself) {
    controller.publish(snapshot_of(1));
    const auto running = replica();
    CHECK_TRUE(soon([&] { return gate.generation() == 1 && running->state().connected; }));
    gate.refusing = true;
    controller.publish(snapshot_of(2));
    CHECK_TRUE(soon([&] { return counted(*running, "gate_refused") == 2; })); // 1 s later again
    gate.refusing = false; // nobody publishes anything
    CHECK_TRUE(soon([&] { return gate.generation() == 2; }));
    CHECK_TRUE(soon([&] {
        const auto peers = controller.publisher->peers();
        return peers[0].acknowledgement->error.empty() && peers[0].acknowledgement->generation == 2;
    }));
    LONGS_EQUAL(2, running->state().generation);
}

TEST(Replica, TriesARefusedLastGoodAgainWithNobodyThere) {
    auto options = replica_options(controller, "branch7/dpdk");
    options.state_file = folder.file("last-good");
    controller.stop();
    CHECK_TRUE(save(options.state_file, seal_snapshot(snapshot_of(3), controller.key).value())
                   .has_value());
    gate.refusing = true;
    const auto running = started(options, gate.handlers());
    LONGS_EQUAL(0, running->state().generation);
    gate.refusing = false;
    CHECK_TRUE(soon([&] { return running->state().generation == 3; }));
    LONGS_EQUAL(3, gate.generation());
}

TEST(Replica, StartsWithWhatWasBeforeASnapshotThatItsGateDoesNotTake) {
    // It died after it had saved generation 3 and before its gate refused it.
    auto options = replica_options(controller, "branch7/dpdk");
    options.state_file = folder.file("last-good");
    controller.stop();
    const auto one = snapshot_of(2);
    const auto chain = seal_snapshot(one, controller.key).value() +
                       seal_delta(diff(one, snapshot_of(3)), controller.key).value();
    CHECK_TRUE(save(options.state_file, chain).has_value());
    auto handlers = gate.handlers();
    handlers.on_snapshot = [take = handlers.on_snapshot](const Snapshot& snapshot,
                                                         const Digest& digest,
                                                         const std::string& sealed) -> Status {
        if (snapshot.generation == 3) return fail(Errc::io, "the kernel said no");
        return take(snapshot, digest, sealed);
    };
    const auto running = started(options, std::move(handlers));
    LONGS_EQUAL(2, gate.generation());
    LONGS_EQUAL(2, running->state().generation);
    STRCMP_EQUAL("the kernel said no", running->state().refusal.c_str());
}

TEST(Replica, KeepsARefusedLastGoodAgainstAnOlderSnapshot) {
    auto options = replica_options(controller, "branch7/dpdk");
    options.state_file = folder.file("last-good");
    CHECK_TRUE(save(options.state_file, seal_snapshot(snapshot_of(3), controller.key).value())
                   .has_value());
    controller.publish(snapshot_of(2));
    gate.refusing = true;
    const auto running = started(options, gate.handlers());
    CHECK_TRUE(soon([&] { return counted(*running, "older") > 0; }));
    gate.refusing = false;
    CHECK_TRUE(soon([&] { return running->state().generation == 3; }));
    LONGS_EQUAL(3, gate.generation());
}

TEST(Replica, EnforcesAnExpiredSnapshotAndReportsIt) {
    auto expired = snapshot_of(2);
    expired.expires_at = expired.issued_at - std::chrono::hours(1);
    controller.publish(snapshot_of(1));
    const auto running = replica();
    CHECK_TRUE(soon([&] { return gate.generation() == 1; }));
    controller.publish(expired);
    CHECK_TRUE(soon([&] {
        const auto peers = controller.publisher->peers();
        return peers.size() == 1 && peers[0].report && peers[0].report->expired &&
               peers[0].report->generation == 2;
    }));
    LONGS_EQUAL(2, gate.generation());
}

TEST(Replica, RefusesAnExpiredSnapshotAsItsFirst) {
    auto expired = snapshot_of(1);
    expired.expires_at = expired.issued_at - std::chrono::hours(1);
    controller.publish(expired);
    const auto running = replica();
    CHECK_TRUE(soon([&] { return counted(*running, "expired_first") > 0; }));
    LONGS_EQUAL(0, gate.generation());
    STRCMP_CONTAINS("generation 1 has expired", running->state().refusal.c_str());
    controller.publish(snapshot_of(2));
    CHECK_TRUE(soon([&] { return gate.generation() == 2; }));
}

TEST(Replica, AnswersProbes) {
    controller.publish(snapshot_of(1));
    const auto running = replica();
    CHECK_TRUE(soon([&] { return controller.publisher->peers().size() == 1; }));
    const auto answers =
        controller.publisher->probe(ipv4(0x0A000000U), std::chrono::seconds(5)).value();
    LONGS_EQUAL(1, answers.size());
    CHECK_TRUE(answers[0].listed);
    STRCMP_EQUAL("branch7/dpdk", answers[0].gate.c_str());
}

TEST(Replica, KeepsTheChainShort) {
    controller.publish(snapshot_of(1));
    const auto running = replica();
    CHECK_TRUE(soon([&] { return gate.generation() == 1 && running->state().connected; }));
    for (Generation generation = 2; generation < 25; ++generation) {
        controller.publish(snapshot_of(generation));
        CHECK_TRUE(soon([&] { return gate.generation() == generation; }));
    }
    CHECK_TRUE(soon([&] { return links_of(running->sealed())->size() == 1; }));
    LONGS_EQUAL(24, gate.calls()); // the shorter chain of the same snapshot is not enforced again
}
