// SPDX-License-Identifier: Apache-2.0
#include "resolver/system_resolvers.hpp"

#include <fstream>

#include <unistd.h>

#include "tests/unit/resolver/wire_text.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

TEST_GROUP(SystemResolvers) {
    std::string path = "/tmp/sg-resolv-" + std::to_string(getpid());

    void teardown() override { unlink(path.c_str()); }

    SystemResolvers read_from(const std::string& text) const {
        std::ofstream(path) << text;
        return system_resolvers(path);
    }
    /// Without the file's name in front of each.
    std::string told(const SystemResolvers& found) const {
        std::string all;
        for (const auto& one : found.told) all += one.substr(path.size() + 2) + "\n";
        return all;
    }
};

TEST(SystemResolvers, AreTheNameserverLinesInOrder) {
    const auto found = read_from("# a comment\nsearch example.com\nnameserver 192.0.2.1\n"
                                 "nameserver 2001:DB8:0::1\nnameserver 192.0.2.1\noptions rotate\n"
                                 "nameserver fe80::1%lo # the router\n");
    STRCMP_EQUAL("192.0.2.1 2001:db8::1 fe80::1%lo", test::joined(found.servers).c_str());
    STRCMP_EQUAL("", told(found).c_str());
}

TEST(SystemResolvers, TellsWhatItPassesOverByLineAndWord) {
    const auto found = read_from("nameserver\nnameserver evil.example\nnameserver fe80::1\n"
                                 "nameserver 192.0.2.8:53\nnameserver 2001:db8::1%lo\n"
                                 "nameserver 192.0.2.9\n");
    STRCMP_EQUAL("192.0.2.9", test::joined(found.servers).c_str());
    STRCMP_EQUAL(
        "line 1: 'nameserver' without an address is passed over\n"
        "line 2: nameserver 'evil.example' is passed over: server: 'evil.example' is not "
        "an IP address\n"
        "line 3: nameserver 'fe80::1' is passed over: server 'fe80::1': a link-local "
        "address needs its interface: fe80::1%INTERFACE\n"
        "line 4: nameserver '192.0.2.8:53' is passed over: it is no address alone\n"
        "line 5: nameserver '2001:db8::1%lo' is passed over: server '2001:db8::1%lo': only "
        "a link-local address (fe80::/10) has an interface behind it\n",
        told(found).c_str());
}

TEST(SystemResolvers, TellsOfAnInterfaceThatIsNotThereAndKeepsTheServer) {
    const auto found = read_from("nameserver fe80::1%not-yet\n");
    STRCMP_EQUAL("fe80::1%not-yet", test::joined(found.servers).c_str());
    STRCMP_EQUAL("line 1: nameserver fe80::1%not-yet cannot be asked now: no interface 'not-yet'\n",
                 told(found).c_str());
}

TEST(SystemResolvers, AreBoundedAndSayWhereTheyEnd) {
    std::string text;
    for (int i = 0; i < 34; ++i) text += "nameserver 192.0.2." + std::to_string(i) + "\n";
    const auto many = read_from(text);
    CHECK_EQUAL(32U, many.servers.size());
    STRCMP_EQUAL("line 33: nameserver 192.0.2.32 is passed over: more than 32\n"
                 "line 34: nameserver 192.0.2.33 is passed over: more than 32\n",
                 told(many).c_str());
    const auto beyond = read_from(std::string(70000, '#') + "\nnameserver 192.0.2.1\n");
    CHECK_EQUAL(0U, beyond.servers.size());
    STRCMP_EQUAL("longer than 64 KiB; what stands behind is not read\n", told(beyond).c_str());
}

TEST(SystemResolvers, AreNoneOfAFileThatCannotBeReadAndSayWhy) {
    const auto found = system_resolvers(path);
    CHECK_EQUAL(0U, found.servers.size());
    STRCMP_EQUAL("No such file or directory\n", told(found).c_str());
}
