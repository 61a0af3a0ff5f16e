// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/flatten.hpp"

#include "tests/unit/filter/snapshots.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;

namespace {

template <typename Bits>
std::string text_of(const std::vector<BasicStretch<Bits>>& stretches) {
    std::string text;
    for (const auto& stretch : stretches)
        text += to_string(ipv4(static_cast<std::uint32_t>(stretch.first))) + "-" +
                to_string(ipv4(static_cast<std::uint32_t>(stretch.last))) + "=" +
                std::to_string(stretch.id) + " ";
    return text;
}

} // namespace

TEST_GROUP(Flatten){};

TEST(Flatten, LetsTheLongestPrefixWin) {
    const std::vector<Claim> claims{{prefix("192.0.2.0/24"), 1},
                                    {prefix("192.0.2.0/28"), 2},
                                    {prefix("192.0.2.4/32"), 3},
                                    {prefix("192.0.2.16/28"), 2}};
    STRCMP_EQUAL("192.0.2.0-192.0.2.3=2 192.0.2.4-192.0.2.4=3 192.0.2.5-192.0.2.31=2 "
                 "192.0.2.32-192.0.2.255=1 ",
                 text_of(flatten_longest(claims, Family::ipv4)).c_str());
}

TEST(Flatten, CoversTheWholeLineUpToItsLastAddress) {
    const std::vector<Claim> claims{{prefix("0.0.0.0/0"), 1}, {prefix("255.255.255.255/32"), 2}};
    STRCMP_EQUAL("0.0.0.0-255.255.255.254=1 255.255.255.255-255.255.255.255=2 ",
                 text_of(flatten_longest(claims, Family::ipv4)).c_str());

    const std::vector<Claim> all{{prefix("::/0"), 1},
                                 {prefix("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"), 2}};
    const auto stretches = flatten_longest(all, Family::ipv6);
    CHECK_EQUAL(2U, stretches.size());
    CHECK_TRUE(stretches[0].last == ~Uint128{0} - 1);
    CHECK_EQUAL(2, stretches[1].id);
}

TEST(Flatten, CutsAllowOutOfEntries) {
    const auto snapshot = snapshot_of({{"198.51.100.0/24", 0}, {"203.0.113.8/32", 1}},
                                      {"198.51.100.64/26", "203.0.113.0/24"});
    STRCMP_EQUAL("198.51.100.0-198.51.100.63=2 198.51.100.64-198.51.100.127=1 "
                 "198.51.100.128-198.51.100.255=2 203.0.113.0-203.0.113.255=1 ",
                 text_of(flatten_ipv4(snapshot).value()).c_str());
}

TEST(Flatten, FindsTheStretchOfAValueAndNothingBesideIt) {
    const std::vector<Stretch> stretches{{10, 20, 1}, {30, 30, 2}};
    CHECK_EQUAL(0, find(stretches, 9));
    CHECK_EQUAL(1, find(stretches, 10));
    CHECK_EQUAL(1, find(stretches, 20));
    CHECK_EQUAL(0, find(stretches, 21));
    CHECK_EQUAL(2, find(stretches, 30));
    CHECK_EQUAL(0, find(stretches, 31));
}

TEST_GROUP(FlattenRefusal) {
    Snapshot snapshot = snapshot_of({{"198.51.100.0/24", 0},
                                     {"203.0.113.8/32", 1},
                                     {"2001:db8::/64", 0},
                                     {"2001:db8:1::1/128", 1}});

    /// Whether one of the two refuses, and with the words of validate().
    bool is_refused() const {
        const auto ok = validate(snapshot);
        const auto made4 = flatten_ipv4(snapshot);
        const auto made6 = flatten_ipv6(snapshot);
        if (!made4) CHECK_TRUE(!ok && made4.error().what == ok.error().what);
        if (!made6) CHECK_TRUE(!ok && made6.error().what == ok.error().what);
        return !made4 || !made6;
    }
};

TEST(FlattenRefusal, IsOfWhatValidateRefuses) {
    const auto sound = snapshot;
    CHECK_FALSE(is_refused());
    for (std::size_t i = 0; i < sound.entries.size(); ++i) {
        auto& entry = snapshot.entries[i];
        const auto broken = [&](auto breaks) {
            breaks(entry);
            CHECK_TRUE(is_refused());
            snapshot = sound;
        };
        broken([](Entry& e) { e.address_class = 9; });
        broken([](Entry& e) { e.prefix.length = 129; });
        broken([](Entry& e) { e.prefix.length = 1; });
        broken([](Entry& e) { e.prefix.address.family = static_cast<Family>(5); });
        if (i == 1) broken([](Entry& e) { e.prefix.address.value |= Uint128{1} << 32U; });
        if (i == 1) broken([](Entry& e) { e.prefix = prefix("198.51.100.7"); });
        if (i == 3) broken([](Entry& e) { e.prefix = prefix("2001:db8::7"); });
        if (i > 0) broken([&](Entry& e) { std::swap(e, snapshot.entries[i - 1]); });
        if (i > 0) broken([&](Entry& e) { e = snapshot.entries[i - 1]; });
    }
}
