// SPDX-License-Identifier: Apache-2.0
// The sweep against a real name server with a zone whose truth is known name by name.
#include "tests/unit/resolver/nsd.hpp"

#include <algorithm>

#include "tests/unit/resolver/lab.hpp"
#include "tests/unit/resolver/namespace.hpp"
#include "tests/unit/resolver/wire_text.hpp"
#include "tests/unit/resolver/zone.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::test;

namespace {

const std::string kServer = "127.0.53.3";

} // namespace

TEST_GROUP(SweepOfNsd){void setup() override{enter_own_namespace();
}
}
;

TEST(SweepOfNsd, TellsTheTruthOfEveryName) {
    const Zone zone(4000);
    const Nsd nsd(kServer, zone.text());
    auto names = zone.sound_names(); // whatever loses packets is not here
    std::ranges::copy_if(zone.names(), std::back_inserter(names),
                         [](const std::string& name) { return name.ends_with(".fail.test"); });
    const auto sweeper = Sweeper::create(lab_options({kServer})).value();
    const auto swept = sweep(*sweeper, questions(names));
    STRCMP_EQUAL("", swept.fault.c_str());
    CHECK_EQUAL(names.size(), swept.answers.size());
    CHECK_EQUAL(0U, swept.repeated);
    CHECK_EQUAL(0U, swept.tally.case_mismatch);
    for (const auto& [question, answer] : swept.answers) {
        const auto& truth = *zone.find(question.name);
        const auto wrong = difference(truth, answer);
        if (!wrong.empty()) FAIL((question.name + ": " + wrong).c_str());
        CHECK_EQUAL(truth.addresses.size() == 100, answer.over_tcp);
    }
}

TEST(SweepOfNsd, ReadsEveryTypeItCanAskFor) {
    const Nsd nsd(kServer, "www A 198.18.0.1\nwww AAAA 2001:db8::1\nalias CNAME www\n"
                           "_xmpp-client._tcp SRV 5 10 5222 www\n"
                           "h HTTPS 1 . ipv4hint=198.18.0.2 ipv6hint=2001:db8::2\n");
    const auto sweeper = Sweeper::create(lab_options({kServer})).value();
    const Question aaaa{"alias.sweep.test", RrType::aaaa};
    const Question cname{"alias.sweep.test", RrType::cname};
    const Question srv{"_xmpp-client._tcp.sweep.test", RrType::srv};
    const Question https{"h.sweep.test", RrType::https};
    const auto swept = sweep(*sweeper, {aaaa, cname, srv, https});
    STRCMP_EQUAL("2001:db8::1", joined(swept.answers.at(aaaa).addresses).c_str());
    STRCMP_EQUAL("www.sweep.test", joined(swept.answers.at(cname).chain).c_str());
    CHECK_TRUE(
        (swept.answers.at(srv).targets == std::vector<SrvTarget>{{"www.sweep.test", 5222, 5, 10}}));
    STRCMP_EQUAL("198.18.0.2 2001:db8::2", joined(swept.answers.at(https).hints).c_str());
    CHECK_TRUE(swept.answers.at(aaaa).authoritative);
    CHECK_FALSE(swept.answers.at(aaaa).authenticated);
}
