// SPDX-License-Identifier: Apache-2.0
// A rate in the real kernel: a thousand packets at once, and what a new generation makes of it.
#include <chrono>

#include "tests/lab/nftables/made_snapshot.hpp"
#include "tests/lab/nftables/nft_lab.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::lab;

namespace {

constexpr std::uint64_t kPackets = 1000;

Snapshot limiting(std::uint32_t rate, Generation generation) {
    auto parts = three_systems();
    parts.systems[0].packets_per_second = rate;
    parts.actions[0][0] = parts.actions[1][0] = Action::limit;
    list(parts, "203.0.113.0/24", 0);
    list(parts, "198.51.100.9", 0, Scope::shared);
    return made(parts, generation);
}

} // namespace

TEST_GROUP(KernelLimit) {
    NftLab lab = created();

    static NftLab created() {
        auto made_lab = NftLab::create();
        if (!made_lab) FAIL(made_lab.error().what.c_str());
        return std::move(*made_lab);
    }
    void apply(const Snapshot& snapshot) {
        if (const auto ok = lab.apply(snapshot); !ok) FAIL(ok.error().what.c_str());
    }
    SystemCounter counted() {
        const auto counters = lab.gate().counters();
        CHECK_TRUE(counters.has_value());
        for (const auto& counter : *counters)
            if (counter.system == "drop") return counter;
        return {};
    }
    /// Of a thousand packets sent one behind the other: those that arrived.
    std::uint64_t arrived(const char* to, std::uint16_t port, double& seconds) {
        const auto packet =
            to_packet({*parse_address("192.0.2.1"), *parse_address(to), 6, Ports{40000, port}});
        const auto start = std::chrono::steady_clock::now();
        const auto count = lab.flood(packet, kPackets);
        seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        if (!count) FAIL(count.error().what.c_str());
        return *count;
    }
};

TEST(KernelLimit, PassesASecondsWorthOfAThousandPacketsAtOnce) {
    constexpr std::uint64_t kRate = 100;
    double seconds = 0;
    apply(limiting(kRate, 1));
    const auto first = arrived("203.0.113.9", 443, seconds);
    CHECK_TRUE(first >= kRate && static_cast<double>(first) <= kRate * (1 + seconds) + 1);
    CHECK_EQUAL(first, counted().within);
    CHECK_EQUAL(kPackets - first, counted().limited);
    CHECK_EQUAL(0U, counted().dropped);

    // The next generation goes on with what is used up: one rate, one limit in the table.
    apply(limiting(kRate, 2));
    const auto second = arrived("203.0.113.9", 443, seconds);
    CHECK_TRUE(static_cast<double>(second) < kRate * (seconds + 0.6));
    CHECK_EQUAL(first + second, counted().within); // counters too
    apply(limiting(kRate * 2, 3));
    CHECK_TRUE(arrived("203.0.113.9", 443, seconds) >= kRate * 2); // another rate begins anew
    apply(limiting(kRate * 2, 4));
    apply(limiting(kRate * 2, 5)); // nobody refers to the old rate any more
    const auto listed = lab.network().router.shell("nft list limits");
    STRCMP_CONTAINS("sg_rate200_drop", listed.value().c_str());
    CHECK_TRUE(listed->find("sg_rate100_drop") == std::string::npos);
    STRCMP_CONTAINS("rate over 200/second burst 200 packets", listed->c_str());
}

TEST(KernelLimit, OfASharedAddressIsOnItsOwnPortsOnly) {
    double seconds = 0;
    apply(limiting(1, 1));
    CHECK_EQUAL(kPackets, arrived("198.51.100.9", 443, seconds));
    CHECK_TRUE(static_cast<double>(arrived("198.51.100.9", 5190, seconds)) <= 2 + seconds);
}
