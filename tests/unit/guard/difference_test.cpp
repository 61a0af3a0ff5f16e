// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/difference.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

using Listed = std::vector<std::pair<std::string, Scope>>;

/// Of one system, irc.
Snapshot snapshot_of(const Listed& listed) {
    SnapshotParts parts;
    parts.systems.resize(1);
    parts.systems[0].id = "irc";
    parts.systems[0].name = "IRC";
    parts.systems[0].category = "irc";
    parts.groups = {{"everyone", {}}};
    parts.actions = {{Action::drop}};
    for (const auto& [prefix, scope] : listed)
        parts.listings.push_back({*parse_prefix(prefix), 0, scope});
    return *build_snapshot(parts, 1, {}, {});
}

std::string text(const std::vector<ChangedPrefix>& changed) {
    std::string all;
    for (const auto& each : changed) {
        all += all.empty() ? "" : ", ";
        all += to_string(each.prefix);
        for (const auto& name : each.names) all += " " + name;
    }
    return all;
}

std::vector<std::string> last_octet(const std::string& system, const Address& address) {
    return {system + std::to_string(static_cast<unsigned>(address.value & 0xFFU))};
}

} // namespace

TEST_GROUP(Difference) {
    std::string told;
    void compare(const Listed& from, const Listed& to, std::size_t most = 100) {
        const auto found = difference(snapshot_of(from), snapshot_of(to), last_octet, {}, most);
        told.clear();
        for (const auto& system : found.systems)
            told += system.system + " +[" + text(system.added) + "] -[" + text(system.removed) +
                    "] shared[" + text(system.now_shared) + "] exclusive[" +
                    text(system.now_exclusive) + "]";
        if (found.left_out > 0) told += " and " + std::to_string(found.left_out);
    }
};

TEST(Difference, IsEmptyBetweenEquals) {
    compare({{"45.0.0.1", Scope::exclusive}}, {{"45.0.0.1", Scope::exclusive}});
    STRCMP_EQUAL("", told.c_str());
}

TEST(Difference, TellsAddressesThatThePrefixesJoined) {
    compare({{"45.0.0.0", Scope::exclusive}, {"45.0.0.1", Scope::exclusive}},
            {{"45.0.0.1", Scope::exclusive}, {"45.0.0.2", Scope::exclusive}});
    STRCMP_EQUAL("irc +[45.0.0.2/32 irc2] -[45.0.0.0/32 irc0] shared[] exclusive[]", told.c_str());
}

TEST(Difference, TellsAChangeOfScope) {
    compare({{"45.0.0.1", Scope::exclusive}, {"45.0.0.9", Scope::shared}},
            {{"45.0.0.1", Scope::shared}, {"45.0.0.9", Scope::exclusive}});
    STRCMP_EQUAL("irc +[] -[] shared[45.0.0.1/32 irc1] exclusive[45.0.0.9/32 irc9]", told.c_str());
}

TEST(Difference, TellsWideStretchesAsPrefixesWithoutNames) {
    compare({}, {{"45.0.0.0/16", Scope::exclusive}, {"2001:db8::/32", Scope::exclusive}});
    STRCMP_EQUAL("irc +[45.0.0.0/16, 2001:db8::/32] -[] shared[] exclusive[]", told.c_str());
}

TEST(Difference, CutsAHoleOutOfAPrefix) {
    compare({{"45.0.0.0/30", Scope::exclusive}}, {{"45.0.0.1", Scope::exclusive}});
    STRCMP_EQUAL("irc +[] -[45.0.0.0/32 irc0, 45.0.0.2/32 irc2, 45.0.0.3/32 irc3] shared[] "
                 "exclusive[]",
                 told.c_str());
}

TEST(Difference, HoldsAtTheEndsOfTheAddressLine) {
    compare({{"255.255.255.254/31", Scope::exclusive}}, {{"255.255.255.254", Scope::exclusive}});
    STRCMP_EQUAL("irc +[] -[255.255.255.255/32 irc255] shared[] exclusive[]", told.c_str());
}

TEST(Difference, CountsWhatItLeavesOut) {
    compare({}, {{"45.0.0.0/29", Scope::exclusive}}, 2);
    STRCMP_EQUAL("irc +[45.0.0.0/32 irc0, 45.0.0.1/32 irc1] -[] shared[] exclusive[] and 6",
                 told.c_str());
}
