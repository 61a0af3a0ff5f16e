// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/contest.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;

TEST_GROUP(Contest) {
    std::vector<std::string> servers = {"192.0.2.1", "192.0.2.2:53", "192.0.2.3", "2001:db8::53"};

    [[nodiscard]] std::string words(const std::vector<std::string>& known_to,
                                    const std::vector<std::string>& unknown_to) const {
        const auto found = contested(
            std::vector<Dispute>{{"irc.example.net", Family::ipv4, known_to, unknown_to}}, servers);
        return found.empty() ? "none" : found.begin()->first + ": " + found.begin()->second;
    }
};

TEST(Contest, IsOneThatKnowsWhatOthersDeny) {
    STRCMP_EQUAL("irc.example.net: 192.0.2.1:53 alone knows it, 1 say it does not exist",
                 words({"192.0.2.1:53"}, {"192.0.2.2:53"}).c_str());
    STRCMP_EQUAL("irc.example.net: [2001:db8::53]:53 alone knows it, 2 say it does not exist",
                 words({"[2001:db8::53]:53"}, {"192.0.2.2:53", "192.0.2.3:53"}).c_str());
    STRCMP_EQUAL("none", words({"192.0.2.1:53", "192.0.2.3:53"}, {"192.0.2.2:53"}).c_str());
}

TEST(Contest, HearsThoseThatAreAskedNowOnly) {
    STRCMP_EQUAL("none", words({"192.0.2.1:53"}, {"192.0.2.99:53"}).c_str());
    STRCMP_EQUAL("none", words({"192.0.2.99:53"}, {"192.0.2.1:53"}).c_str());
    STRCMP_EQUAL("irc.example.net: 192.0.2.1:53 alone knows it, 1 say it does not exist",
                 words({"192.0.2.1:53", "192.0.2.99:53"}, {"192.0.2.2:53", "nobody"}).c_str());
}
