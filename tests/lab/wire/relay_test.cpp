// SPDX-License-Identifier: Apache-2.0
// Two hops: controller -> relay (replica and publisher) -> gate, CURVE on both.
#include "tests/lab/wire/fixture.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;
using namespace sweepgate::wire::testing;

namespace {

PublisherOptions curve_options(const CurveKeys& server, const std::string& authorized) {
    PublisherOptions options;
    options.updates = {"tcp://127.0.0.1:*"};
    options.requests = {"tcp://127.0.0.1:*"};
    options.curve = server;
    options.authorized = AuthorizedKeys::parse(authorized, "authorized_keys").value();
    return options;
}

} // namespace

TEST_GROUP(Relay) {
    CurveKeys controller_keys = generate_curve_keys();
    CurveKeys relay_keys = generate_curve_keys();
    CurveKeys relay_server_keys = generate_curve_keys();
    CurveKeys gate_keys = generate_curve_keys();
    Controller controller{
        curve_options(controller_keys, "relay hub " + relay_keys.public_key + "\n")};
    RecordingGate hub;
    RecordingGate gate;
    std::unique_ptr<Replica> upstream;
    std::unique_ptr<Publisher> downstream;
    std::unique_ptr<Replica> leaf;

    void start_relay() {
        PublisherHandlers handlers;
        handlers.on_acknowledgement = [this](const Peer&, const Acknowledgement& said) {
            if (upstream) upstream->forward_acknowledgement(said);
        };
        handlers.on_report = [this](const Peer&, const GateReport& said) {
            if (upstream) upstream->forward_report(said);
        };
        handlers.on_probe_answer = [this](const Peer&, const Address& of, const ProbeAnswer& said) {
            if (upstream) upstream->forward_probe_answer(of, said);
        };
        auto options = curve_options(relay_server_keys, "gate branch7 " + gate_keys.public_key);
        options.beacon_every = std::chrono::milliseconds(200);
        downstream = Publisher::start(options, handlers).value();
        auto up = replica_options(controller, "hub/nftables");
        up.curve = CurveClient{relay_keys, controller_keys.public_key};
        auto enforced = hub.handlers();
        enforced.on_probe_wanted = [this](const Address& of) { downstream->ask_probe(of); };
        enforced.on_snapshot =
            [this, enforce = enforced.on_snapshot](const Snapshot& snapshot, const Digest& digest,
                                                   const std::string& sealed) -> Status {
            if (auto ok = enforce(snapshot, digest, sealed); !ok) return ok;
            const auto links = links_of(sealed).value();
            downstream->publish({snapshot.generation, digest, sealed,
                                 links.size() > 1 ? std::string(links.back()) : std::string()});
            return {};
        };
        upstream = started(up, enforced);
    }
    void start_leaf() {
        ReplicaOptions options;
        options.updates = downstream->update_endpoints().front();
        options.requests = downstream->request_endpoints().front();
        options.curve = CurveClient{gate_keys, relay_server_keys.public_key};
        options.trust = Trust({controller.key.verify_key()});
        options.gate = "branch7/dpdk";
        options.kind = GateKind::dpdk;
        options.report_every = std::chrono::milliseconds(200);
        leaf = started(options, gate.handlers());
    }
    void teardown() override {
        leaf.reset();
        upstream.reset();
        downstream.reset();
    }
};

TEST(Relay, CarriesSnapshotsAndDeltasOfTheControllersKey) {
    start_relay();
    start_leaf();
    controller.publish(snapshot_of(1, 40'000));
    CHECK_TRUE(soon([&] { return gate.generation() == 1; }));
    for (Generation generation = 2; generation < 6; ++generation) {
        controller.publish(snapshot_of(generation, 40'000));
        CHECK_TRUE(soon([&] { return gate.generation() == generation; }));
    }
    CHECK_TRUE(leaf->state().counters["deltas"] > 0);
}

TEST(Relay, ServesAChainToAGateThatComesLate) {
    start_relay();
    controller.publish(snapshot_of(1));
    CHECK_TRUE(soon([&] { return hub.generation() == 1; }));
    controller.publish(snapshot_of(2));
    CHECK_TRUE(soon([&] { return hub.generation() == 2; }));
    controller.stop();
    start_leaf();
    CHECK_TRUE(soon([&] { return gate.generation() == 2; }));
}

TEST(Relay, ShowsTheGateBehindItToTheController) {
    start_relay();
    start_leaf();
    controller.publish(snapshot_of(1));
    CHECK_TRUE(soon([&] {
        const auto peers = controller.publisher->peers();
        return peers.size() == 2 && peers[0].gate == "branch7/dpdk" && peers[0].via == "hub" &&
               peers[0].acknowledgement && peers[0].acknowledgement->generation == 1 &&
               peers[0].report;
    }));
    const auto answers =
        controller.publisher->probe(ipv4(0x0A000000U), std::chrono::seconds(5)).value();
    LONGS_EQUAL(2, answers.size());
}
