// SPDX-License-Identifier: Apache-2.0
// The agent as a program: publisher in, kernel rules and republished snapshots out. The test moves
// into a network namespace of its own, which vanishes with it.
#include <arpa/inet.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "controlplane/agent/privileges.hpp"
#include "controlplane/nftables/gate.hpp"
#include "controlplane/wire/descriptor.hpp"
#include "tests/lab/wire/fixture.hpp"
#include "tests/lab/wire/rights.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;
using namespace sweepgate::wire::testing;

namespace {

bool own_namespace() {
    static const bool entered = ::unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 &&
                                ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                                std::system("ip link add sgout type veth peer name sgfar && ip "
                                            "address add 192.0.2.1/24 dev sgout && "
                                            "ip link set sgfar up && ip link set sgout arp off up "
                                            "&& ip route add default dev sgout") == 0;
    return entered;
}

constexpr const char* kNameserver = "10.0.0.0"; // listed by snapshot_of()
constexpr const char* kListed = "10.0.0.2";     // so is this one

/// A UDP socket whose packets leave by sgout, or not: output drops them with EPERM.
class Sender {
public:
    explicit Sender(const char* to) {
        to_.sin_family = AF_INET;
        to_.sin_port = htons(9);
        ::inet_pton(AF_INET, to, &to_.sin_addr);
    }
    [[nodiscard]] bool passes() const {
        return ::sendto(socket_.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to_),
                        sizeof to_) == 1;
    }

private:
    Descriptor socket_{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    sockaddr_in to_{};
};

/// A time zone (POSIX.1-2017, 8.3) where it is this long before noon.
std::string zone_before_noon(std::chrono::seconds left) {
    using namespace std::chrono;
    const auto of_day = duration_cast<seconds>(system_clock::now().time_since_epoch()) % 24h;
    const auto east = hh_mm_ss((12h - left - of_day + 24h) % 24h);
    return "SGT-" + std::to_string(east.hours().count()) + ":" +
           std::to_string(east.minutes().count()) + ":" + std::to_string(east.seconds().count());
}

/// What is dropped passes from noon to one, everybody's local time.
Snapshot with_lunch(const Snapshot& snapshot) {
    auto parts = SnapshotParts{};
    parts.systems = snapshot.rules.systems;
    parts.groups = snapshot.rules.groups;
    parts.actions = snapshot.rules.actions;
    parts.schedules = {{"lunch", kEveryDay, 720, 780, sweepgate::Clock::local, {{Action::pass}}}};
    for (const auto* address : {kNameserver, kListed})
        parts.listings.push_back({host(parse_address(address).value()), 0, Scope::exclusive});
    return build_snapshot(parts, snapshot.generation, snapshot.issued_at, snapshot.expires_at)
        .value();
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
    options.trust = Trust({controller.key.verify_key()});
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

TEST(Agent, FollowsAScheduleWithNobodyUpstream) {
    ::setenv("TZ", zone_before_noon(std::chrono::seconds(5)).c_str(), 1);
    running = spawn();
    ::unsetenv("TZ");
    controller.publish(with_lunch(snapshot_of(1)));
    CHECK_TRUE(soon([&] { return installed() == 1; }));
    const Sender sender(kListed);
    CHECK_FALSE(sender.passes());
    controller.stop();
    const auto began = std::chrono::steady_clock::now();
    while (!sender.passes() && std::chrono::steady_clock::now() - began < std::chrono::seconds(20))
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    CHECK_TRUE(sender.passes());
    LONGS_EQUAL(1, installed());
}

TEST(Agent, PutsItsRulesBackAfterAForeignFlush) {
    running = spawn();
    controller.publish(snapshot_of(1));
    // Until the agent has seen for itself what the kernel took, a flush is a failed switch.
    CHECK_TRUE(soon([&] {
        const auto peers = controller.publisher->peers();
        return peers.size() == 1 && peers[0].report && peers[0].report->generation == 1;
    }));
    flush_like_a_foreigner();
    CHECK_TRUE(soon([&] { return installed() == 1; }));
    CHECK_TRUE(soon([&] {
        const auto peers = controller.publisher->peers();
        return peers.size() == 1 && peers[0].report && !peers[0].report->counters.empty() &&
               peers[0].report->counters[0].packets == 1;
    }));
}

TEST(Agent, JudgesABridgeThatComesAndReportsOneThatItCannot) {
    running = spawn();
    controller.publish(snapshot_of(1));
    CHECK_TRUE(soon([&] { return installed() == 1; }));
    const auto bypasses = [&] {
        const auto peers = controller.publisher->peers();
        return peers.size() == 1 && peers[0].report &&
               std::ranges::any_of(peers[0].report->warnings, is_bypass);
    };
    LONGS_EQUAL(0, std::system("ip link add sgbr type bridge"));
    CHECK_TRUE(
        soon([] { return std::system("nft list table bridge sweepgate >/dev/null 2>&1") == 0; }));
    CHECK_FALSE(bypasses());
    // Where somebody holds our chain elsewhere, the kernel does not let us judge.
    LONGS_EQUAL(0, std::system("nft 'delete table bridge sweepgate; add table bridge sweepgate; "
                               "add chain bridge sweepgate sg_forward { type filter hook forward "
                               "priority 5; }'"));
    CHECK_TRUE(soon(bypasses));
    LONGS_EQUAL(1, installed()); // what is routed is judged all the same
    LONGS_EQUAL(0, std::system("nft delete table bridge sweepgate"));
    CHECK_TRUE(soon([&] { return !bypasses(); }));
    LONGS_EQUAL(0, std::system("ip link del sgbr"));
    CHECK_TRUE(
        soon([] { return std::system("nft list table bridge sweepgate >/dev/null 2>&1") != 0; }));
}

TEST(Agent, RefusesASecondInstance) {
    running = spawn();
    controller.publish(snapshot_of(1));
    CHECK_TRUE(soon([&] { return installed() == 1; }));
    LONGS_EQUAL(1, run(nullptr));
    LONGS_EQUAL(1, installed());
}

TEST(Agent, LeavesNoGapWhenSomebodyFlushesTheRuleset) {
    running = spawn();
    controller.publish(snapshot_of(1, 20'000));
    CHECK_TRUE(soon([&] { return installed() == 1; }));
    const Sender sender(kListed);
    CHECK_FALSE(sender.passes());
    std::chrono::microseconds longest{0};
    for (int flush = 0; flush < 3; ++flush) { // each right after a repair: no poll is due for 5 s
        std::thread foreigner([] {
            if (std::system("nft flush ruleset") != 0) std::abort();
        });
        CHECK_TRUE(soon([&] { return sender.passes(); }));
        const auto open = std::chrono::steady_clock::now();
        CHECK_TRUE(soon([&] { return !sender.passes(); }));
        longest = std::max(longest, std::chrono::duration_cast<std::chrono::microseconds>(
                                        std::chrono::steady_clock::now() - open));
        foreigner.join();
    }
    std::printf("[longest gap after a foreign flush, 20,000 prefixes: %lld us] ",
                static_cast<long long>(longest.count()));
    CHECK_TRUE(longest < std::chrono::seconds(1));
}

TEST(Agent, NeverJudgesItsOwnNameserver) {
    std::ofstream(folder.file("resolv.conf")) << "nameserver " << kNameserver << "\n";
    CHECK_TRUE(std::filesystem::exists("/etc/resolv.conf"));
    LONGS_EQUAL(0, ::mount(folder.file("resolv.conf").c_str(), "/etc/resolv.conf", nullptr, MS_BIND,
                           nullptr));
    running = spawn();
    controller.publish(snapshot_of(1));
    const bool enforced = soon([&] { return installed() == 1; });
    const bool nameserver = Sender(kNameserver).passes();
    const bool listed = Sender(kListed).passes();
    LONGS_EQUAL(0, ::umount2("/etc/resolv.conf", MNT_DETACH));
    CHECK_TRUE(enforced);
    CHECK_TRUE(nameserver);
    CHECK_FALSE(listed);
}

TEST(Agent, KeepsCapNetAdminInTheApplyHalfAlone) {
    running = spawn();
    controller.publish(snapshot_of(1));
    CHECK_TRUE(soon([&] { return installed() == 1; }));
    const auto network = rights_of(running);
    for (const auto* set : {&network.effective, &network.permitted, &network.inheritable,
                            &network.bounding, &network.ambient})
        CHECK_TRUE(*set == kNothing);
    CHECK_TRUE(network.no_new_privileges == std::set<std::string>{"1"});
    const auto child = only_child_of(running);
    CHECK_TRUE(child > 0);
    const auto apply = rights_of(child);
    CHECK_TRUE(apply.effective == kNetAdmin && apply.permitted == kNetAdmin);
    CHECK_TRUE(apply.inheritable == kNothing && apply.ambient == kNothing);
    CHECK_TRUE(apply.no_new_privileges == std::set<std::string>{"1"});
}

// What those lines of /proc mean: the same rights, and the kernel refuses nftables.
TEST(Agent, CannotTouchNftablesWithTheRightsOfTheNetworkHalf) {
    CHECK_TRUE(nftables::Gate::open({}).has_value()); // we can
    const auto child = ::fork();
    if (child == 0) {
        if (!agent::keep_nothing("") || rights_of(::getpid()).effective != kNothing) ::_exit(2);
        auto gate = nftables::Gate::open({});
        const bool changes = gate && gate->apply(snapshot_of(1)).has_value();
        const bool listens = std::system("timeout 1 nft monitor >/dev/null 2>&1") == 124 << 8;
        ::_exit(changes || listens ? 1 : 0);
    }
    LONGS_EQUAL(0, code_of(child));
    LONGS_EQUAL(0, installed());
}
