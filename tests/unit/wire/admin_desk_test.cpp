// SPDX-License-Identifier: Apache-2.0
// Who waits for whom at the admin desk.
#include "controlplane/wire/admin_desk.hpp"

#include <chrono>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;

namespace {

Peer viewer(const std::string& name) { return {Role::viewer, name, "192.0.2.1"}; }
Peer admin(const std::string& name) { return {Role::admin, name, "192.0.2.2"}; }

} // namespace

TEST_GROUP(AdminDesk) {
    using Lane = AdminDesk::Lane;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> answered; // "viewer 1" for the verb of each, in order
    bool held = true;                  // whoever asks for "hold" waits for it to end

    AdminReply answer(const Peer& peer, const AdminRequest& request) {
        std::unique_lock lock(mutex);
        if (request.verb == "hold") changed.wait(lock, [this] { return !held; });
        answered.push_back(peer.name + " " + request.verb);
        return AdminReply::ok("{}");
    }
    AdminDesk desk{
        [this](const Peer& peer, const AdminRequest& request) { return answer(peer, request); }};

    bool ask(Lane lane, const Peer& peer, const std::string& verb) {
        return desk.take(lane, peer, {verb, "", ""}, [this](const AdminReply&) {
            const std::lock_guard lock(mutex);
            changed.notify_all();
        });
    }
    void release() {
        const std::lock_guard lock(mutex);
        held = false;
        changed.notify_all();
    }
    bool answers(std::size_t count) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::seconds(10),
                                [&] { return answered.size() >= count; });
    }
    void expect(std::vector<std::string> wanted) {
        CHECK_TRUE(answers(wanted.size()));
        const std::lock_guard lock(mutex);
        for (std::size_t i = 0; i < wanted.size(); ++i)
            STRCMP_EQUAL(wanted[i].c_str(), answered[i].c_str());
    }
    /// Its clerk is busy with it from then on.
    void occupy(Lane lane) {
        CHECK_TRUE(ask(lane, viewer("first"), "hold"));
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    void teardown() override { release(); }
};

TEST(AdminDesk, LetsNobodyWaitWhoChangesSomethingForAReader) {
    occupy(Lane::lengthy);
    occupy(Lane::quick);
    CHECK_TRUE(ask(Lane::change, admin("alice"), "push"));
    expect({"alice push"});
}

TEST(AdminDesk, TakesAdminsFirstAndKeysInTheirTurn) {
    occupy(Lane::lengthy);
    for (const auto* verb : {"1", "2", "3"}) CHECK_TRUE(ask(Lane::lengthy, viewer("bob"), verb));
    CHECK_TRUE(ask(Lane::lengthy, viewer("eve"), "1"));
    CHECK_TRUE(ask(Lane::lengthy, admin("alice"), "1"));
    release();
    expect({"first hold", "alice 1", "bob 1", "eve 1", "bob 2", "bob 3"});
}

TEST(AdminDesk, LetsAKeyWaitWithFewRequestsAndViewersWithMany) {
    occupy(Lane::quick);
    for (std::size_t i = 0; i < AdminDesk::kMaxWaitingOfKey; ++i)
        CHECK_TRUE(ask(Lane::quick, viewer("bob"), "1"));
    CHECK_FALSE(ask(Lane::quick, viewer("bob"), "1"));
    auto left = AdminDesk::kMaxWaiting - AdminDesk::kMaxWaitingOfKey;
    for (; left > 0; --left) CHECK_TRUE(ask(Lane::quick, viewer("v" + std::to_string(left)), "1"));
    CHECK_FALSE(ask(Lane::quick, viewer("eve"), "1"));
    CHECK_TRUE(ask(Lane::quick, admin("alice"), "1")); // what viewers fill is theirs
}

TEST(AdminDesk, KnowsAUserByItsUidAndNotByItsProcess) {
    occupy(Lane::quick);
    for (std::size_t i = 0; i < AdminDesk::kMaxWaitingOfKey; ++i)
        CHECK_TRUE(ask(Lane::quick, {Role::local, "local", "uid 7 pid " + std::to_string(i)}, "1"));
    CHECK_FALSE(ask(Lane::quick, {Role::local, "local", "uid 7 pid 99"}, "1"));
    CHECK_TRUE(ask(Lane::quick, {Role::local, "local", "uid 8 pid 99"}, "1"));
}
