// SPDX-License-Identifier: Apache-2.0
// What a bridge of the box switches: judged by the same rules, counted once, replaced without a
// gap. Each frame is followed by one that no rule is about, which tells when the kernel is done.
#include <array>
#include <atomic>
#include <thread>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lab/nftables/made_snapshot.hpp"
#include "tests/lab/nftables/network.hpp"

#include "controlplane/nftables/gate.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::lab;

namespace {

using Frame = std::vector<std::uint8_t>;

const Frame kMacs{0x00, 0x00, 0x5E, 0x00, 0x53, 0x01, 0x00, 0x00, 0x5E, 0x00, 0x53, 0x02};
constexpr std::array<std::uint8_t, 4> kTag{0x81, 0x00, 0x00, 0x07};
constexpr int kPatienceMs = 3000;

Frame joined(Frame frame, const Frame& more) {
    frame.insert(frame.end(), more.begin(), more.end());
    return frame;
}

Frame frame_to(const char* address, bool tagged = false) {
    const auto to = *parse_address(address);
    const auto* from = to.family == Family::ipv4 ? "192.0.2.1" : "2001:db8::1";
    auto frame = kMacs;
    if (tagged) frame.insert(frame.end(), kTag.begin(), kTag.end());
    frame =
        joined(std::move(frame), to.family == Family::ipv4 ? Frame{0x08, 0x00} : Frame{0x86, 0xDD});
    return joined(std::move(frame), to_packet({*parse_address(from), to, 6, Ports{40000, 80}}));
}

/// Everything that the port of a namespace sends and receives.
class Tap {
public:
    explicit Tap(const Namespace& space) {
        space.inside([&] {
            handle_ = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
            sockaddr_ll address{};
            address.sll_family = AF_PACKET;
            address.sll_protocol = htons(ETH_P_ALL);
            address.sll_ifindex = static_cast<int>(if_nametoindex("eth0"));
            bind(handle_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        });
    }
    Tap(const Tap&) = delete;
    Tap& operator=(const Tap&) = delete;
    ~Tap() { close(handle_); }

    void send(const Frame& frame) const {
        CHECK_EQUAL(static_cast<ssize_t>(frame.size()), write(handle_, frame.data(), frame.size()));
    }
    /// Of the frames that came since, up to the marker of that number: those with IP in them.
    [[nodiscard]] unsigned came_before(std::uint8_t marker) const {
        unsigned came = 0;
        std::array<std::uint8_t, 2048> frame{};
        pollfd readable{handle_, POLLIN, 0};
        while (poll(&readable, 1, kPatienceMs) == 1) {
            const auto size = recv(handle_, frame.data(), frame.size(), 0);
            if (size < 15 || !std::equal(kMacs.begin(), kMacs.end(), frame.begin())) continue;
            if (frame[12] == 0x88 && frame[13] == 0xB5 && frame[14] == marker) return came;
            if (frame[12] != 0x88) ++came;
        }
        FAIL("the marker did not come");
        return 0;
    }

private:
    int handle_ = -1;
};

/// client eth0 -- [ box: br0 ] -- eth0 server
struct BridgedBox {
    Namespace client = created(), box = created(), server = created();

    BridgedBox() {
        for (const auto* end : {&client, &server})
            ok(box.ip(std::string("link add ") + (end == &client ? "p0" : "p1") +
                      " type veth peer name eth0 netns " + end->path() + "\n"));
        for (const auto* end : {&client, &server}) {
            end->set("ipv6/conf/all/disable_ipv6", "1");
            ok(end->ip("link set eth0 up\n"));
        }
        ok(box.ip("link set p0 up\nlink set p1 up\n"));
    }
    void bridge() const {
        ok(box.ip("link add br0 type bridge\nlink set p0 master br0\nlink set p1 master br0\n"
                  "link set br0 up\n"));
    }
    void let_ip_see_it(bool on) const {
        for (const auto* key :
             {"bridge/bridge-nf-call-iptables", "bridge/bridge-nf-call-ip6tables"})
            box.set(key, on ? "1" : "0");
    }
    static Namespace created() {
        auto space = Namespace::create();
        if (!space) FAIL(space.error().what.c_str());
        return std::move(*space);
    }
    static void ok(const Status& status) {
        if (!status) FAIL(status.error().what.c_str());
    }
};

Snapshot listing(Generation generation) {
    auto parts = three_systems();
    list(parts, "203.0.113.0/24", 0);
    list(parts, "2001:db8:113::/48", 0);
    list(parts, "198.51.100.1", 1);
    list(parts, "198.51.100.2", 2);
    return made(parts, generation);
}

} // namespace

TEST_GROUP(KernelBridge) {
    BridgedBox lab;
    std::unique_ptr<nftables::Gate> gate;
    std::unique_ptr<Tap> sender, receiver;
    std::uint8_t marker = 0;

    void setup() override {
        sender = std::make_unique<Tap>(lab.client);
        receiver = std::make_unique<Tap>(lab.server);
        lab.let_ip_see_it(false);
    }
    void open() {
        lab.box.inside([&] {
            auto opened = nftables::Gate::open({});
            if (opened) gate = std::make_unique<nftables::Gate>(std::move(*opened));
        });
        CHECK_TRUE(gate != nullptr);
    }
    /// In the box, whose settings are asked for by the thread that asks.
    void apply(const Snapshot& snapshot) {
        std::string fault;
        lab.box.inside([&] {
            if (const auto done = gate->apply(snapshot); !done) fault = done.error().what;
        });
        STRCMP_EQUAL("", fault.c_str());
    }
    bool look() {
        bool changed = false;
        lab.box.inside([&] { changed = gate->paths_changed(); });
        return changed;
    }
    bool passes(const Frame& frame) {
        sender->send(frame);
        sender->send(joined(kMacs, {0x88, 0xB5, ++marker}));
        return receiver->came_before(marker) == 1;
    }
    SystemCounter counted(const char* system) {
        const auto counters = gate->counters();
        CHECK_TRUE(counters.has_value());
        for (const auto& counter : *counters)
            if (counter.system == system) return counter;
        return {};
    }
};

TEST(KernelBridge, AListedServerBehindItIsShutInBothFamilies) {
    lab.bridge();
    open();
    CHECK_TRUE(passes(frame_to("203.0.113.9")));
    apply(listing(1));
    CHECK_FALSE(passes(frame_to("203.0.113.9")));
    CHECK_FALSE(passes(frame_to("2001:db8:113::9")));
    CHECK_TRUE(passes(frame_to("203.0.114.9")));
    CHECK_TRUE(passes(frame_to("2001:db8:114::9")));
    CHECK_EQUAL(2, counted("drop").dropped);
    CHECK_TRUE(gate->bypasses().empty());
}

TEST(KernelBridge, WhatIsRejectedIsDroppedAndCountedAsRejected) {
    lab.bridge();
    open();
    apply(listing(1));
    CHECK_FALSE(passes(frame_to("198.51.100.2")));
    CHECK_EQUAL(1, counted("refuse").rejected);
}

TEST(KernelBridge, NothingIsCountedTwiceWhereIpsHooksSeeItToo) {
    lab.bridge();
    for (const bool seen : {false, true}) {
        lab.let_ip_see_it(seen);
        open();
        apply(listing(1));
        const auto before = counted("watch").monitored;
        CHECK_TRUE(passes(frame_to("198.51.100.1")));
        CHECK_EQUAL(before + 1, counted("watch").monitored);
        CHECK_FALSE(passes(frame_to("203.0.113.9")));
    }
}

TEST(KernelBridge, ATaggedFrameIsJudgedWhoeverSeesTheOthers) {
    lab.bridge();
    for (const bool seen : {false, true}) {
        lab.let_ip_see_it(seen);
        open();
        apply(listing(1));
        CHECK_FALSE(passes(frame_to("203.0.113.9", true)));
        CHECK_FALSE(passes(frame_to("2001:db8:113::9", true)));
        CHECK_TRUE(passes(frame_to("203.0.114.9", true)));
    }
}

TEST(KernelBridge, ThatComesLaterIsSeenAndJudgedAndOneThatGoesNoMore) {
    open();
    apply(listing(1));
    CHECK_FALSE(look());
    lab.bridge();
    CHECK_TRUE(look());
    apply(listing(1));
    CHECK_FALSE(passes(frame_to("203.0.113.9")));
    CHECK_TRUE(lab.box.shell("nft list table bridge sweepgate").has_value());
    BridgedBox::ok(lab.box.ip("link del br0\n"));
    CHECK_TRUE(look());
    apply(listing(1));
    CHECK_FALSE(lab.box.shell("nft list table bridge sweepgate").has_value());
}

TEST(KernelBridge, IsNotInForceWithoutItsTable) {
    lab.bridge();
    open();
    apply(listing(1));
    CHECK_TRUE(gate->installed()->has_value());
    CHECK_TRUE(lab.box.shell("nft delete table bridge sweepgate").has_value());
    CHECK_FALSE(gate->installed()->has_value());
    apply(listing(1));
    CHECK_TRUE(gate->installed()->has_value());
    CHECK_FALSE(passes(frame_to("203.0.113.9")));
}

TEST(KernelBridge, ThatCannotBeJudgedIsToldAndTheRestIsInForce) {
    lab.bridge();
    CHECK_TRUE(lab.box
                   .shell("nft 'add table bridge sweepgate; add chain bridge sweepgate sg_forward "
                          "{ type filter hook forward priority 5; }'")
                   .has_value());
    open();
    apply(listing(1));
    CHECK_TRUE(gate->installed()->has_value());
    CHECK_EQUAL(1, gate->bypasses().size());
    STRCMP_CONTAINS("what bridge br0 switches is not judged", gate->bypasses().front().c_str());
    CHECK_TRUE(lab.box.shell("nft delete table bridge sweepgate").has_value());
    apply(listing(1));
    CHECK_TRUE(gate->bypasses().empty());
    CHECK_FALSE(passes(frame_to("203.0.113.9")));
}

TEST(KernelBridge, IsRemovedWithTheOther) {
    lab.bridge();
    open();
    auto parts = three_systems();
    list(parts, "203.0.115.0/24", 0);
    apply(made(parts, 1));
    apply(listing(2));
    CHECK_TRUE(passes(frame_to("203.0.115.9")));
    CHECK_FALSE(passes(frame_to("203.0.113.9")));
    CHECK_TRUE(gate->remove().has_value());
    CHECK_TRUE(passes(frame_to("203.0.113.9")));
    STRCMP_EQUAL("", lab.box.shell("nft list tables")->c_str());
}

TEST(KernelBridge, LeaksNothingWhileGenerationsChange) {
    lab.bridge();
    open();
    apply(listing(1));
    std::atomic<bool> ends{false};
    std::atomic<unsigned> sent{0};
    std::thread flood([&] {
        const auto frame = frame_to("203.0.113.9");
        for (; !ends; ++sent) sender->send(frame);
    });
    for (Generation generation = 2; generation < 30; ++generation) apply(listing(generation));
    ends = true;
    flood.join();
    sender->send(joined(kMacs, {0x88, 0xB5, ++marker}));
    CHECK_EQUAL(0, receiver->came_before(marker));
    CHECK_TRUE(sent > 100);
}

TEST(KernelBridge, BesideAFlowtableIsToldAndSoIsItsEnd) {
    open();
    const auto made = lab.box.shell("nft 'add table inet fw; add flowtable inet fw fast { hook "
                                    "ingress priority 0; devices = { p0, p1 }; }'");
    if (!made) {
        UT_PRINT("this kernel has no flowtables: not looked at");
        return;
    }
    static_cast<void>(look());
    CHECK_EQUAL(1, gate->bypasses().size());
    STRCMP_CONTAINS("flowtable inet fw fast (p0, p1)", gate->bypasses().front().c_str());
    CHECK_TRUE(lab.box.shell("nft delete table inet fw").has_value());
    static_cast<void>(look());
    CHECK_TRUE(gate->bypasses().empty());
}
