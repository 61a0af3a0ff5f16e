// SPDX-License-Identifier: Apache-2.0
// The agent as a program: publisher in, kernel rules and republished snapshots out. The test moves
// into a network namespace of its own, which vanishes with it.
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "controlplane/nftables/gate.hpp"
#include "tests/lab/wire/fixture.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;
using namespace sweepgate::wire::testing;

namespace {

bool own_namespace() {
    static const bool entered = ::unshare(CLONE_NEWNET) == 0;
    return entered;
}

} // namespace

TEST_GROUP(Agent) {
    bool entered = own_namespace();
    Folder folder;
    Controller controller{PublisherOptions{{folder.ipc("u")}, {folder.ipc("r")}, {}, {}, {}, {}}};
    std::string config = folder.file("agent.toml");
    pid_t running = 0;

    void setup() override {
        CHECK_TRUE(entered);
        CHECK_TRUE(save(controller.key, folder.file("signing.key")).has_value());
        std::ofstream(config) << "name = \"box\"\nstate = \"" << folder.file("state")
                              << "\"\nverify_key = \"" << folder.file("signing.key.pub")
                              << "\"\n[upstream]\nupdates = \"" << folder.ipc("u")
                              << "\"\nrequests = \"" << folder.ipc("r")
                              << "\"\n[republish]\nupdates = [\"" << folder.ipc("gu")
                              << "\"]\nrequests = [\"" << folder.ipc("gr") << "\"]\n";
    }
    void teardown() override {
        if (running > 0) stop(SIGTERM);
        LONGS_EQUAL(0, run("--flush"));
    }
    pid_t spawn(const char* extra = nullptr) const {
        const auto child = ::fork();
        if (child == 0) {
            ::execl(AGENT_PROGRAM, "sweepgate-agent", "--config", config.c_str(), extra, nullptr);
            ::_exit(127);
        }
        return child;
    }
    int run(const char* extra) const { return code_of(spawn(extra)); }
    static int code_of(pid_t child) {
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    int stop(int signal) {
        ::kill(running, signal);
        return code_of(std::exchange(running, 0));
    }
    static Generation installed() {
        auto gate = nftables::Gate::open({});
        auto held = gate->installed();
        return held && *held ? (*held)->generation : 0;
    }
    static void flush_like_a_foreigner() {
        auto gate = nftables::Gate::open({});
        CHECK_TRUE(gate->remove().has_value());
    }
};

TEST(Agent, EnforcesSnapshotsAndDeltasInTheKernel) {
    running = spawn();
    controller.publish(snapshot_of(1));
    CHECK_TRUE(soon([&] { return installed() == 1; }));
    controller.publish(snapshot_of(2));
    CHECK_TRUE(soon([&] { return installed() == 2; }));
    CHECK_TRUE(soon([&] {
        const auto peers = controller.publisher->peers();
        return peers.size() == 1 && peers[0].gate == "box/nftables" && peers[0].report &&
               peers[0].report->generation == 2 && peers[0].acknowledgement->error.empty();
    }));
    const auto answers =
        controller.publisher->probe(ipv4(0x0A000000U), std::chrono::seconds(5)).value();
    LONGS_EQUAL(1, answers.size());
    STRCMP_EQUAL("", answers[0].error.c_str());
    CHECK_TRUE(answers[0].listed && answers[0].action == Action::drop);
    LONGS_EQUAL(0, stop(SIGTERM));
    LONGS_EQUAL(2, installed()); // the rules outlive it
}

TEST(Agent, ServesTheGateBehindItAndSpeaksForItUpstream) {
    running = spawn();
    controller.publish(snapshot_of(1));
    CHECK_TRUE(soon([&] { return installed() == 1; }));
    RecordingGate gate;
    ReplicaOptions options;
    options.updates = folder.ipc("gu");
    options.requests = folder.ipc("gr");
    options.verify_keys = {controller.key.verify_key()};
    options.gate = "box/dpdk";
    options.kind = GateKind::dpdk;
    const auto behind = started(options, gate.handlers());
    CHECK_TRUE(soon([&] { return gate.generation() == 1; }));
    controller.publish(snapshot_of(2));
    CHECK_TRUE(soon([&] { return gate.generation() == 2; }));
    CHECK_TRUE(soon([&] { return controller.publisher->peers().size() == 2; }));
    LONGS_EQUAL(
        2, controller.publisher->probe(ipv4(0x0A000000U), std::chrono::seconds(5)).value().size());
}

TEST(Agent, EnforcesLastGoodWithNobodyUpstream) {
    running = spawn();
    controller.publish(snapshot_of(3));
    CHECK_TRUE(soon([&] { return installed() == 3; }));
    CHECK_TRUE(soon([&] { return ::access(folder.file("state/last-good").c_str(), F_OK) == 0; }));
    LONGS_EQUAL(128 + SIGKILL, stop(SIGKILL));
    LONGS_EQUAL(3, installed());
    controller.stop();
    flush_like_a_foreigner(); // as a reboot would
    LONGS_EQUAL(0, installed());
    running = spawn();
    CHECK_TRUE(soon([&] { return installed() == 3; }));
}

TEST(Agent, PutsItsRulesBackAfterAForeignFlush) {
    running = spawn();
    controller.publish(snapshot_of(1));
    CHECK_TRUE(soon([&] { return installed() == 1; }));
    flush_like_a_foreigner();
    CHECK_TRUE(soon([&] { return installed() == 1; }));
    CHECK_TRUE(soon([&] {
        const auto peers = controller.publisher->peers();
        return peers.size() == 1 && peers[0].report && !peers[0].report->counters.empty() &&
               peers[0].report->counters[0].packets == 1;
    }));
}

TEST(Agent, RefusesASecondInstance) {
    running = spawn();
    controller.publish(snapshot_of(1));
    CHECK_TRUE(soon([&] { return installed() == 1; }));
    LONGS_EQUAL(1, run(nullptr));
    LONGS_EQUAL(1, installed());
}
