// SPDX-License-Identifier: Apache-2.0
// Whatever arrives on any socket: counted, and the service goes on.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>
#include <thread>

#include <zmq.hpp>

#include "tests/lab/wire/fixture.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;
using namespace sweepgate::wire::testing;
using namespace std::chrono_literals;

namespace {

std::string noise(std::mt19937& random, std::size_t size) {
    std::string bytes(size, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random() & 0xFFU);
    return bytes;
}

} // namespace

TEST_GROUP(Garbage) {
    Folder folder;
    std::mt19937 random{7};
    zmq::context_t context;
    RecordingGate gate;
};

TEST(Garbage, OnThePublishersSocketsIsCountedAndServiceGoesOn) {
    Controller controller{PublisherOptions{{folder.ipc("u")}, {folder.ipc("r")}, {}, {}, {}, {}}};
    zmq::socket_t dealer(context, zmq::socket_type::dealer);
    zmq::socket_t subscriber(context, zmq::socket_type::xsub);
    for (auto* socket : {&dealer, &subscriber}) socket->set(zmq::sockopt::linger, 0);
    dealer.connect(folder.ipc("r"));
    subscriber.connect(folder.ipc("u"));
    for (int i = 0; i < 500; ++i) {
        dealer.send(zmq::buffer(noise(random, random() % 300)));
        subscriber.send(zmq::buffer(noise(random, random() % 300)), zmq::send_flags::dontwait);
        dealer.send(zmq::buffer(noise(random, 5)), zmq::send_flags::sndmore);
        dealer.send(zmq::buffer(noise(random, 5)));
    }
    CHECK_TRUE(soon([&] { return controller.publisher->counters()["malformed"] >= 900; }));
    controller.publish(snapshot_of(1));
    const auto running = started(replica_options(controller, "g"), gate.handlers());
    CHECK_TRUE(soon([&] { return gate.generation() == 1; }));
}

TEST(Garbage, FromThePublisherIsCountedAndTheSnapshotStays) {
    zmq::socket_t updates(context, zmq::socket_type::pub);
    zmq::socket_t requests(context, zmq::socket_type::router);
    for (auto* socket : {&updates, &requests}) socket->set(zmq::sockopt::linger, 0);
    updates.bind(folder.ipc("u"));
    requests.bind(folder.ipc("r"));
    ReplicaOptions options;
    options.updates = folder.ipc("u");
    options.requests = folder.ipc("r");
    options.gate = "g";
    const auto key = SigningKey::generate();
    options.trust = Trust({key.verify_key()});
    options.report_every = 20ms;
    const auto running = started(options, gate.handlers());
    for (int i = 0; i < 300; ++i) {
        updates.send(zmq::buffer(noise(random, random() % 300)), zmq::send_flags::none);
        zmq::message_t route;
        if (requests.recv(route, zmq::recv_flags::dontwait)) {
            requests.send(route, zmq::send_flags::sndmore);
            requests.send(zmq::buffer(noise(random, random() % 300)), zmq::send_flags::none);
        }
        std::this_thread::sleep_for(1ms);
    }
    CHECK_TRUE(soon([&] { return running->state().counters["malformed"] >= 200; }));
    LONGS_EQUAL(0, gate.calls());
}

TEST(Garbage, OnTheRawTcpPortLeavesRealClientsAlone) {
    const auto server = generate_curve_keys();
    const auto own = generate_curve_keys();
    PublisherOptions options;
    options.updates = {"tcp://127.0.0.1:*"};
    options.requests = {"tcp://127.0.0.1:*"};
    options.curve = server;
    options.authorized = AuthorizedKeys::parse("gate g " + own.public_key, "k").value();
    Controller controller(options);
    controller.publish(snapshot_of(1));
    for (const auto& endpoint : {controller.publisher->update_endpoints().front(),
                                 controller.publisher->request_endpoints().front()}) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port =
            htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (int i = 0; i < 50; ++i) {
            const int raw = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            CHECK_EQUAL(0, ::connect(raw, reinterpret_cast<const sockaddr*>(&to), sizeof to));
            const auto bytes = noise(random, 200);
            [[maybe_unused]] const auto sent =
                ::send(raw, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            ::close(raw);
        }
    }
    auto mine = replica_options(controller, "g");
    mine.curve = CurveClient{own, server.public_key};
    const auto running = started(mine, gate.handlers());
    CHECK_TRUE(soon([&] { return gate.generation() == 1; }));
}
