// SPDX-License-Identifier: Apache-2.0
// Who may connect over tcp://, and what each role may do.
#include <unistd.h>

#include <thread>

#include "tests/lab/wire/fixture.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;
using namespace sweepgate::wire::testing;
using namespace std::chrono_literals;

TEST_GROUP(Roles) {
    CurveKeys server = generate_curve_keys();
    CurveKeys gate_keys = generate_curve_keys();
    CurveKeys viewer_keys = generate_curve_keys();
    CurveKeys admin_keys = generate_curve_keys();
    std::unique_ptr<Controller> controller;
    RecordingGate gate;

    [[nodiscard]] AuthorizedKeys everybody() const {
        return AuthorizedKeys::parse("gate branch7 " + gate_keys.public_key + "\nviewer vera " +
                                         viewer_keys.public_key + "\nadmin ada " +
                                         admin_keys.public_key + "\n",
                                     "authorized_keys")
            .value();
    }
    void setup() override {
        PublisherOptions options;
        options.updates = {"tcp://127.0.0.1:*"};
        options.requests = {"tcp://127.0.0.1:*"};
        options.curve = server;
        options.authorized = everybody();
        options.reading_verbs = {{"status", Effort::quick}};
        PublisherHandlers handlers;
        handlers.on_admin = [](const Peer& peer, const AdminRequest& request) {
            if (request.verb == "fail") return AdminReply::fault({Errc::not_found, "no such"});
            return AdminReply::ok("{\"by\":\"" + peer.name + "\"}");
        };
        controller = std::make_unique<Controller>(options, handlers);
        controller->publish(snapshot_of(1));
    }
    [[nodiscard]] AdminClient client(const CurveKeys& keys) const {
        return AdminClient::connect(controller->publisher->request_endpoints().front(),
                                    CurveClient{keys, server.public_key})
            .value();
    }
    std::unique_ptr<Replica> replica(const CurveKeys& keys, const std::string& name) {
        auto options = replica_options(*controller, name);
        options.curve = CurveClient{keys, server.public_key};
        options.silence_after = 1000ms;
        return started(options, gate.handlers());
    }
    [[nodiscard]] std::uint64_t counted(const std::string& name) const {
        return controller->publisher->counters()[name];
    }
};

TEST(Roles, AdminMayChange) {
    auto ada = client(admin_keys);
    STRCMP_EQUAL("{\"by\":\"ada\"}", ada.request("push", "policy", 5s)->c_str());
    const auto failed = ada.request("fail", "", 5s);
    CHECK_TRUE(failed.error().code == Errc::not_found);
    STRCMP_EQUAL("no such", failed.error().what.c_str());
}

TEST(Roles, ViewerMayReadOnly) {
    auto vera = client(viewer_keys);
    CHECK_TRUE(vera.request("status", "", 5s).has_value());
    CHECK_TRUE(vera.request("push", "policy", 5s).error().code == Errc::refused);
}

TEST(Roles, GateMayNotAdminister) {
    auto branch = client(gate_keys);
    CHECK_TRUE(branch.request("status", "", 5s).error().code == Errc::refused);
    LONGS_EQUAL(1, counted("role_denied"));
}

TEST(Roles, UnknownKeyIsNotLetIn) {
    auto stranger = client(generate_curve_keys());
    CHECK_TRUE(stranger.request("status", "", 500ms).error().code == Errc::unavailable);
    CHECK_TRUE(counted("key_refused") > 0);
    const auto running = replica(generate_curve_keys(), "branch7/dpdk");
    std::this_thread::sleep_for(500ms);
    LONGS_EQUAL(0, gate.generation());
}

TEST(Roles, ClientPinsTheServersKey) {
    auto fooled = AdminClient::connect(controller->publisher->request_endpoints().front(),
                                       CurveClient{admin_keys, generate_curve_keys().public_key})
                      .value();
    CHECK_TRUE(fooled.request("status", "", 500ms).error().code == Errc::unavailable);
}

TEST(Roles, PlainTcpIsRefusedOnBothSides) {
    PublisherOptions bare;
    bare.updates = {"tcp://127.0.0.1:*"};
    bare.requests = {"tcp://127.0.0.1:*"};
    CHECK_TRUE(Publisher::start(bare, {}).error().code == Errc::bad_input);
    CHECK_TRUE(AdminClient::connect("tcp://127.0.0.1:7402").error().code == Errc::bad_input);
}

TEST(Roles, GateSpeaksForItselfOnly) {
    const auto honest = replica(gate_keys, "branch7/dpdk");
    CHECK_TRUE(soon([&] { return controller->publisher->peers().size() == 1; }));
    const auto liar = replica(gate_keys, "branch8/dpdk");
    CHECK_TRUE(soon([&] { return counted("foreign_gate") > 0; }));
    LONGS_EQUAL(1, controller->publisher->peers().size());
}

TEST(Roles, RevokedKeyIsOutAtOnceAndTheOthersComeBack) {
    auto ada = client(admin_keys);
    const auto running = replica(gate_keys, "branch7/dpdk");
    CHECK_TRUE(soon([&] { return gate.generation() == 1 && running->state().connected; }));
    CHECK_TRUE(ada.request("status", "", 5s).has_value());
    controller->publisher->authorize(
        AuthorizedKeys::parse("admin ada " + admin_keys.public_key, "k").value());
    CHECK_TRUE(soon([&] { return counted("rebound") == 2; }));
    controller->publish(snapshot_of(2));
    CHECK_TRUE(ada.request("status", "", 10s).has_value());
    std::this_thread::sleep_for(1500ms);
    LONGS_EQUAL(1, gate.generation());
    controller->publisher->authorize(everybody());
    CHECK_TRUE(soon([&] { return gate.generation() == 2; }));
}

/// The gates of a controller's own box have a socket of their own.
TEST_GROUP(GatesOfThisBox) {
    Folder folder;
    RecordingGate gate;
    std::vector<Refusal> refusals;
    std::mutex refusing;
    std::unique_ptr<Controller> controller;

    void setup() override {
        PublisherOptions options;
        options.updates = {folder.ipc("updates")};
        options.requests = {folder.ipc("requests")};
        options.gate_updates = {folder.ipc("gate-updates")};
        options.gate_requests = {folder.ipc("gate-requests")};
        options.reading_verbs = {{"status", Effort::quick}};
        PublisherHandlers handlers;
        handlers.on_admin = [](const Peer&, const AdminRequest&) { return AdminReply::ok("{}"); };
        handlers.on_refused = [this](const Refusal& refusal) {
            const std::lock_guard lock(refusing);
            refusals.push_back(refusal);
        };
        controller = std::make_unique<Controller>(options, handlers);
        controller->publish(snapshot_of(1));
    }
};

TEST(GatesOfThisBox, HearAndReport) {
    auto options = replica_options(*controller, "box/nftables");
    options.updates = folder.ipc("gate-updates");
    options.requests = folder.ipc("gate-requests");
    const auto replica = started(options, gate.handlers());
    CHECK_TRUE(soon([&] { return gate.generation() == 1; }));
    CHECK_TRUE(soon([&] {
        const auto peers = controller->publisher->peers();
        return peers.size() == 1 && peers.front().report && peers.front().via == "box";
    }));
    controller->publish(snapshot_of(2));
    CHECK_TRUE(soon([&] { return gate.generation() == 2; }));
}

TEST(GatesOfThisBox, AdministerNothing) {
    auto client = AdminClient::connect(folder.ipc("gate-requests")).value();
    for (const auto* verb : {"push", "status"}) {
        const auto refused = client.request(verb, "", std::chrono::seconds(5));
        CHECK_TRUE(refused.error().code == Errc::refused);
        STRCMP_CONTAINS("relay box may not ask for", refused.error().what.c_str());
    }
    const std::lock_guard lock(refusing);
    LONGS_EQUAL(2, refusals.size());
    STRCMP_CONTAINS(("uid " + std::to_string(::getuid()) + " pid ").c_str(),
                    refusals.front().peer.address.c_str());
    auto admin = AdminClient::connect(folder.ipc("requests")).value();
    CHECK_TRUE(admin.request("push", "", std::chrono::seconds(5)).has_value());
}

TEST(GatesOfThisBox, NobodyTakesASocketThatIsServedNorAFile) {
    PublisherOptions second;
    second.updates = {folder.ipc("u2")};
    second.requests = {folder.ipc("gate-requests")};
    const auto taken = Publisher::start(second, {});
    CHECK_TRUE(taken.error().code == Errc::conflict);
    STRCMP_CONTAINS("gate-requests: another program serves this socket",
                    taken.error().what.c_str());
    if (FILE* file = std::fopen(folder.file("r2").c_str(), "w"); file != nullptr) std::fclose(file);
    second.requests = {folder.ipc("r2")};
    STRCMP_CONTAINS("r2: is no socket", Publisher::start(second, {}).error().what.c_str());
    CHECK_TRUE(std::filesystem::is_regular_file(folder.file("r2")));
    // The first one's are where they were.
    auto admin = AdminClient::connect(folder.ipc("requests")).value();
    CHECK_TRUE(admin.request("status", "", std::chrono::seconds(5)).has_value());
}
