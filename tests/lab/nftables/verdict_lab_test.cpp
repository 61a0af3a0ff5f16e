// SPDX-License-Identifier: Apache-2.0
// The kernel's verdicts against the reference, packet by packet.
#include <array>
#include <chrono>
#include <cstdio>
#include <random>

#include "tests/lab/nftables/made_snapshot.hpp"
#include "tests/lab/nftables/nft_lab.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::lab;

namespace {

Flow tcp(const char* from, std::uint16_t source, const char* to, std::uint16_t destination) {
    return {*parse_address(from), *parse_address(to), 6, Ports{source, destination}};
}

std::string text(const Flow& flow) {
    auto ports = flow.ports ? std::to_string(flow.ports->source) + ">" +
                                  std::to_string(flow.ports->destination)
                            : std::string("no ports");
    return to_string(flow.source) + " > " + to_string(flow.destination) + " protocol " +
           std::to_string(flow.protocol) + " " + ports;
}

NftLab created() {
    auto lab = NftLab::create();
    if (!lab) FAIL(lab.error().what.c_str());
    return std::move(*lab);
}

/// Addresses around the listed ones, so that hits, edges and misses all come up.
class Dice {
public:
    explicit Dice(unsigned seed) : random_(seed) {}
    unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
    Address address(bool is_ipv6) {
        if (is_ipv6) return ipv6(0x2001'0db8'0000'0000ULL + below(6), below(6));
        return ipv4(0xC6336400U + below(64)); // 198.51.100.0/26
    }
    Prefix prefix() {
        const bool is_ipv6 = below(3) == 0;
        auto found = address(is_ipv6);
        const auto length = static_cast<std::uint8_t>(width(found.family) - below(4));
        const Prefix mask{{found.family, 0}, length};
        found.value &= ~mask.host_mask();
        return {found, length};
    }
    Flow flow() {
        const bool is_ipv6 = below(3) == 0;
        static constexpr std::array<std::uint16_t, 6> kPorts{80, 4000, 5190, 6660, 6665, 6670};
        static constexpr std::array<std::uint8_t, 4> kProtocols{6, 17, 132, 47};
        Flow flow{address(is_ipv6), address(is_ipv6), kProtocols[below(4)], {}};
        if (flow.protocol != 47) flow.ports = Ports{kPorts[below(6)], kPorts[below(6)]};
        return flow;
    }
    SnapshotParts parts() {
        auto parts = three_systems();
        parts.groups[1].sources = {prefix()};
        for (auto& row : parts.actions)
            for (auto& action : row) action = static_cast<Action>(1 + below(5));
        for (unsigned i = 0; i < 12; ++i)
            parts.listings.push_back({prefix(), static_cast<SystemIndex>(below(3)),
                                      below(2) == 0 ? Scope::exclusive : Scope::shared});
        parts.allow = {prefix()};
        return parts;
    }

private:
    std::mt19937 random_;
};

} // namespace

TEST_GROUP(Kernel) {
    NftLab lab = created();

    void apply(const Snapshot& snapshot) {
        if (const auto ok = lab.apply(snapshot); !ok) FAIL(ok.error().what.c_str());
    }
    Fate fate(const std::vector<std::uint8_t>& packet) {
        const auto found = lab.fate_of(packet);
        if (!found) FAIL(found.error().what.c_str());
        return *found;
    }
    void expect(Action action, const char* system, const Flow& flow) {
        const auto found = fate(to_packet(flow));
        STRCMP_EQUAL_TEXT(std::string(to_string(action)).c_str(),
                          std::string(to_string(found.action)).c_str(), text(flow).c_str());
        STRCMP_EQUAL_TEXT(system, found.system.c_str(), text(flow).c_str());
    }
    void agree(const Snapshot& snapshot, const Flow& flow) {
        const auto expected = judge(snapshot, flow);
        expect(expected.action,
               expected.system == kNoSystem ? ""
                                            : snapshot.rules.systems[expected.system].id.c_str(),
               flow);
    }
};

TEST(Kernel, JudgesBothDirectionsAndBothFamilies) {
    auto parts = three_systems();
    list(parts, "203.0.113.0/24", 0);
    list(parts, "2001:db8:1::/48", 2);
    apply(made(parts, 1));
    expect(Action::drop, "drop", tcp("192.0.2.1", 40000, "203.0.113.9", 443));
    expect(Action::drop, "drop", tcp("203.0.113.9", 443, "192.0.2.1", 40000));
    expect(Action::pass, "", tcp("192.0.2.1", 40000, "203.0.114.0", 443));
    expect(Action::reject, "refuse", tcp("2001:db8:5::1", 40000, "2001:db8:1::9", 53));
    expect(Action::reject, "refuse", tcp("2001:db8:1::9", 53, "2001:db8:5::1", 40000));
    expect(Action::monitor, "drop", tcp("192.0.2.200", 40000, "203.0.113.9", 443)); // staff
}

TEST(Kernel, EnforcesASharedAddressOnTheServersPortsOnly) {
    auto parts = three_systems();
    list(parts, "203.0.113.9", 0, Scope::shared);
    apply(made(parts, 1));
    expect(Action::drop, "drop", tcp("192.0.2.1", 40000, "203.0.113.9", 5190));
    expect(Action::drop, "drop", tcp("203.0.113.9", 5190, "192.0.2.1", 40000));
    expect(Action::pass, "", tcp("192.0.2.1", 5190, "203.0.113.9", 443));
    expect(Action::pass, "", tcp("203.0.113.9", 443, "192.0.2.1", 5190));
    auto later_fragment = to_packet(tcp("192.0.2.1", 40000, "203.0.113.9", 5190));
    later_fragment[7] = 5; // offset 40 bytes
    close_header(later_fragment);
    const auto found = fate(later_fragment);
    STRCMP_EQUAL("pass", std::string(to_string(found.action)).c_str());
    CHECK_TRUE(found.forwarded);
}

TEST(Kernel, TakesNoPortsFromALaterIpv6Fragment) {
    auto parts = three_systems();
    list(parts, "2001:db8:1::9", 0, Scope::shared);
    apply(made(parts, 1));
    auto packet = to_packet(tcp("2001:db8:5::1", 40000, "2001:db8:1::9", 5190));
    const std::array<std::uint8_t, 8> fragment{6, 0, 0, 1, 0, 0, 0, 9}; // first, more to come
    packet[6] = 44;
    packet[5] = static_cast<std::uint8_t>(packet[5] + fragment.size());
    packet.insert(packet.begin() + 40, fragment.begin(), fragment.end());
    STRCMP_EQUAL("drop", std::string(to_string(fate(packet).action)).c_str());
    packet[43] = 0x29; // offset 40 bytes, more to come
    STRCMP_EQUAL("pass", std::string(to_string(fate(packet).action)).c_str());
}

TEST(Kernel, EnforcesEveryEdgeOfItsIntervals) {
    auto parts = three_systems();
    for (const char* prefix : {"128.0.0.0/1", "1.0.0.0/32", "1.0.0.2/31"}) list(parts, prefix, 0);
    list(parts, "1.0.0.4/32", 2);
    list(parts, "8000::/1", 0);
    const auto snapshot = made(parts, 1);
    apply(snapshot);
    for (const char* to : {"1.0.0.0", "1.0.0.1", "1.0.0.2", "1.0.0.3", "1.0.0.4", "1.0.0.5",
                           "128.0.0.0", "223.255.255.255", "240.0.0.1", "255.255.255.254"})
        agree(snapshot, tcp("9.9.9.9", 40000, to, 443));
    for (const char* to : {"7fff:ffff::1", "8000::", "fec0::1", "fdff::1"})
        agree(snapshot, tcp("2001:db8::1", 40000, to, 443));
}

TEST(Kernel, ReportsWhatTheRouterItselfDiscards) {
    apply(made(three_systems(), 1));
    auto expired = to_packet(tcp("192.0.2.1", 40000, "203.0.113.9", 443));
    expired[8] = 1;
    close_header(expired);
    CHECK_FALSE(fate(expired).forwarded);
    CHECK_FALSE(fate(to_packet(tcp("192.0.2.1", 1, "224.0.0.9", 1))).forwarded);
    CHECK_FALSE(fate({0x45, 0, 0, 20}).forwarded);
    CHECK_TRUE(fate(to_packet(tcp("192.0.2.1", 1, "203.0.113.9", 1))).forwarded);
}

TEST(Kernel, AgreesWithTheReferenceOverRandomSnapshots) {
    constexpr unsigned kSnapshots = 40;
    constexpr unsigned kPackets = 250;
    Dice dice(20);
    const auto start = std::chrono::steady_clock::now();
    for (unsigned generation = 1; generation <= kSnapshots; ++generation) {
        const auto snapshot = made(dice.parts(), generation);
        apply(snapshot);
        for (unsigned i = 0; i < kPackets; ++i) agree(snapshot, dice.flow());
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("\n%u packets over %u snapshots agree, %.0f packets/s", kSnapshots * kPackets,
                kSnapshots, kSnapshots * kPackets / took.count());
}
