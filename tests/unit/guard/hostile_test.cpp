// SPDX-License-Identifier: Apache-2.0
// Property: whatever DNS says, no address that is protected, sanctioned, own, in use or not public
// is enforced by the snapshot that follows. Answers are random and mean; the oracle looks at the
// finished snapshot only and shares no code with the guard.
#include <array>
#include <random>

#include "controlplane/guard/snapshot_plan.hpp"
#include "controlplane/model/judge.hpp"
#include "tests/unit/shipped_catalog.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

const Catalog& catalog() { return test::shipped_catalog(); }

/// The oracle's own idea of space that must not be hit, as text: prefixes and single addresses.
const std::vector<std::string> kForbidden{
    "0.0.0.0/8",     "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
    "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",   "81.2.0.0/16", "9.9.9.9",
    "81.3.0.1",      "45.7.0.1",       "45.7.0.2",      "45.8.0.0/24", "45.9.0.80",
    "::1",           "::/128",         "fe80::/10",     "fc00::/7",    "ff00::/8",
    "2600:aa::/32",  "2600:bb::53",    "2600:cc::1",    "2600:dd::/48"};

const std::string kPolicy =
    "[defaults]\naction = 'block'\n[own]\nprefixes = ['81.2.0.0/16', '2600:aa::/32']\n"
    "[[sanctioned]]\nname = 'ours'\nhostnames = ['xmpp.example.com']\n"
    "prefixes = ['45.8.0.0/24', '2600:dd::/48']\n"
    "[never_block]\nprefixes = ['45.9.0.80']\nhostnames = ['www.example.com']\n";

class Hostile {
public:
    explicit Hostile(unsigned seed) : random_(seed) {
        for (const auto& text : kForbidden) targets_.push_back(*parse_prefix(text));
    }

    BookEntry entry(const BookName& name) {
        BookEntry entry;
        entry.name = name;
        entry.address = address();
        for (auto hops = below(4) == 0 ? below(30) : 0; hops > 0; --hops)
            entry.chain.push_back(below(2) == 0 ? "x.cloudfront.net" : "www.chase.com");
        for (auto i = below(4); i > 0; --i) entry.resolvers.push_back("r" + std::to_string(i));
        entry.first_seen = Instant{std::chrono::seconds{below(1000)}};
        entry.last_seen = entry.first_seen + std::chrono::seconds{below(1000)};
        entry.count = below(5);
        entry.ttl_lowest = static_cast<std::uint32_t>(below(3) == 0 ? 0 : below(4000));
        entry.in_force = true;
        return entry;
    }

    std::size_t below(std::size_t bound) { return random_() % bound; }

private:
    Address address() {
        switch (below(4)) {
        case 0: return ipv4(static_cast<std::uint32_t>(random_()));
        case 1: return ipv6(0x2600'0000'0000'0000 | random_(), random_());
        case 2: return inside(targets_[below(targets_.size())]);
        default: return embedding(inside(targets_[below(targets_.size())]));
        }
    }
    Address inside(const Prefix& prefix) {
        const auto noise = (Uint128{random_()} << 96U) | (Uint128{random_()} << 64U) |
                           (Uint128{random_()} << 32U) | random_();
        return {prefix.address.family, prefix.address.value | (noise & prefix.host_mask())};
    }
    Address embedding(const Address& inner) {
        if (inner.family == Family::ipv6) return inner;
        const auto bits = static_cast<std::uint64_t>(inner.value);
        switch (below(4)) {
        case 0: return ipv6(0, 0xFFFF'0000'0000 | bits);
        case 1: return ipv6(0x0064'FF9B'0000'0000, bits);
        case 2: return ipv6(0x2002'0000'0000'0000 | (bits << 16U), random_());
        default: return ipv6(0x2600'0001'0000'0000, 0x0000'5EFE'0000'0000 | bits);
        }
    }

    std::mt19937 random_;
    std::vector<Prefix> targets_;
};

BookEntry fixed(Role role, const std::string& hostname, const std::string& address) {
    BookEntry entry;
    entry.name = {"", hostname, role};
    entry.address = *parse_address(address);
    entry.in_force = true;
    return entry;
}

/// Whether a packet to the address is stopped on any port that matters.
bool is_hit(const Snapshot& snapshot, const Address& address) {
    const auto client = address.family == Family::ipv4 ? "100.100.0.1" : "2a01::1";
    for (const auto port : std::array<std::uint16_t, 5>{80, 443, 5222, 6667, 8443})
        if (judge(snapshot, {*parse_address(client), address, 6, Ports{40'000, port}}).action !=
            Action::pass)
            return true;
    return false;
}

} // namespace

TEST_GROUP(HostileAnswers) {
    Policy policy = *parse_policy(kPolicy, "policy.toml", catalog());
    GuardContext context;

    void setup() override {
        context.in_use = {{*parse_prefix("9.9.9.9"), "resolver"},
                          {*parse_prefix("81.3.0.1"), "default gateway"},
                          {*parse_prefix("2600:bb::53"), "resolver"}};
    }
    std::vector<BookEntry> answers(Hostile & hostile) {
        std::vector<BookEntry> entries{fixed(Role::protected_host, "www.chase.com", "45.7.0.1"),
                                       fixed(Role::protected_host, "www.chase.com", "2600:cc::1"),
                                       fixed(Role::never_block, "www.example.com", "45.7.0.2"),
                                       fixed(Role::sanctioned, "xmpp.example.com", "45.7.0.2")};
        const auto names = names_to_sweep(catalog(), policy);
        for (std::size_t i = 0; i < 400; ++i) {
            auto name = names[hostile.below(names.size())];
            if (name.system.empty()) continue;
            if (hostile.below(10) == 0) name = {"xmpp", "evil.example", Role::service};
            entries.push_back(hostile.entry(name));
        }
        return entries;
    }
    void check(const Snapshot& snapshot, const std::vector<BookEntry>& entries, unsigned seed) {
        for (const auto& text : kForbidden) {
            const auto prefix = *parse_prefix(text);
            for (const auto& address : {prefix.first(), prefix.last()})
                CHECK_FALSE_TEXT(is_hit(snapshot, address),
                                 (to_string(address) + " seed " + std::to_string(seed)).c_str());
            for (const auto& entry : entries)
                if (prefix.contains(entry.address))
                    CHECK_FALSE_TEXT(
                        is_hit(snapshot, entry.address),
                        (to_string(entry.address) + " seed " + std::to_string(seed)).c_str());
        }
        for (const auto& entry : entries) // nor an IPv6 address that stands for an IPv4 one
            if (entry.address.family == Family::ipv6 &&
                (entry.address.value >> 32U == 0xFFFF || entry.address.value >> 112U == 0x2002 ||
                 entry.address.value >> 32U == Uint128{0x0064'FF9B} << 64U))
                CHECK_FALSE(is_hit(snapshot, entry.address));
    }
};

TEST(HostileAnswers, NeverHitWhatMustNotBeHit) {
    std::size_t enforced = 0;
    for (unsigned seed = 1; seed <= 40; ++seed) {
        Hostile hostile(seed);
        context.resolvers = 1 + hostile.below(3);
        const auto entries = answers(hostile);
        const auto plan = assemble(catalog(), policy, entries, context);
        CHECK_TRUE(plan.has_value());
        const auto snapshot = build_snapshot(plan->parts, 1, {}, {});
        CHECK_TRUE(snapshot.has_value());
        check(*snapshot, entries, seed);
        enforced += snapshot->entries.size();
    }
    CHECK_TRUE(enforced > 1000); // the guard did not pass by enforcing nothing
}

TEST(HostileAnswers, NeverHitItThroughALastGoodSetEither) {
    for (unsigned seed = 100; seed <= 120; ++seed) {
        Hostile hostile(seed);
        // The first generation was published before anything was known to be protected.
        auto blank = *parse_policy("[defaults]\naction = 'block'\n[guard]\ntreat_as_public = "
                                   "['0.0.0.0/0', '::/0']\n",
                                   "policy.toml", catalog());
        std::vector<BookEntry> entries;
        for (const auto& entry : answers(hostile))
            if (!entry.name.system.empty()) entries.push_back(entry);
        const auto first = assemble(catalog(), blank, entries, {});
        const auto published = build_snapshot(first->parts, 1, {}, {});
        // Then every set empties, which holds it.
        const std::vector<BookEntry> left{
            fixed(Role::protected_host, "www.chase.com", "45.7.0.1"),
            fixed(Role::protected_host, "www.chase.com", "2600:cc::1"),
            fixed(Role::never_block, "www.example.com", "45.7.0.2")};
        const auto plan = assemble(catalog(), policy, left, context, {&*published, {}});
        CHECK_TRUE(plan.has_value());
        CHECK_FALSE(plan->holds.empty());
        const auto snapshot = build_snapshot(plan->parts, 2, {}, {});
        CHECK_TRUE(snapshot.has_value());
        check(*snapshot, entries, seed);
    }
}
