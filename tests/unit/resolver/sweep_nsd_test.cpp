// SPDX-License-Identifier: Apache-2.0
// The sweep against a real name server with a zone whose truth is known name by name.
#include "tests/unit/resolver/nsd.hpp"

#include <algorithm>
#include <set>

#include "tests/unit/resolver/lab.hpp"
#include "tests/unit/resolver/namespace.hpp"
#include "tests/unit/resolver/wire_text.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::test;

namespace {

const std::string kServer = "127.0.53.3";

struct Expected {
    Outcome outcome = Outcome::answered;
    std::vector<std::string> chain;
    std::set<std::string> addresses;
    std::uint32_t ttl = 300;
};

// A zone of many names in seven kinds, and what the sweep must say of each.
class Zone {
public:
    Zone() {
        for (unsigned i = 0; i < 2000; ++i) add(i);
    }
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const std::map<std::string, Expected>& expected() const { return expected_; }

private:
    void add(unsigned i) {
        const auto label = "n" + std::to_string(i);
        auto& truth = expected_[label + (i % 7 == 6 ? ".fail.test" : ".sweep.test")];
        switch (i % 7) {
        case 0: add_addresses(label, 1 + i % 8, 300, truth); break;
        case 1: add_addresses(label, 30, 300, truth); break;  // over 512 octets, under 1,232
        case 2: add_addresses(label, 100, 300, truth); break; // TCP
        case 3: add_chain(label, i, 1 + i % 5, truth); break;
        case 4: truth = {Outcome::nxdomain, {}, {}, 60}; break;
        case 5:
            text_ += label + " TXT \"no address\"\n";
            truth = {Outcome::nodata, {}, {}, 60};
            break;
        default: truth = {Outcome::servfail, {}, {}, 0};
        }
    }

    void add_addresses(const std::string& owner, unsigned count, unsigned ttl, Expected& truth) {
        for (unsigned k = 0; k < count; ++k, ++next_) {
            const auto address = to_string(ipv4(0xC6120000 + next_ % 0x20000));
            text_ += owner + " " + std::to_string(ttl) + " A " + address + "\n";
            truth.addresses.insert(address);
        }
    }

    void add_chain(const std::string& label, unsigned i, unsigned hops, Expected& truth) {
        auto owner = label;
        for (unsigned hop = 0; hop < hops; ++hop) {
            const auto target = "h" + std::to_string(i) + "-" + std::to_string(hop) + ".cdn";
            text_ += owner + " 120 CNAME " + target + "\n";
            truth.chain.push_back(target + ".sweep.test");
            owner = target;
        }
        add_addresses(owner, 3, 90, truth);
        truth.ttl = 90;
    }

    std::string text_;
    std::map<std::string, Expected> expected_;
    unsigned next_ = 0;
};

std::set<std::string> texts(const std::vector<Address>& addresses) {
    std::set<std::string> all;
    for (const auto& address : addresses) all.insert(to_string(address));
    return all;
}

std::string difference(const Expected& truth, const Answer& answer) {
    if (answer.outcome != truth.outcome) return "outcome " + std::string(to_string(answer.outcome));
    if (answer.chain != truth.chain) return "chain " + joined(answer.chain);
    if (texts(answer.addresses) != truth.addresses) return "addresses " + joined(answer.addresses);
    if (answer.addresses.size() != truth.addresses.size()) return "an address twice";
    if (answer.ttl != truth.ttl) return "ttl " + std::to_string(answer.ttl);
    if (answer.over_tcp != (truth.addresses.size() == 100)) return "transport";
    return "";
}

} // namespace

TEST_GROUP(SweepOfNsd){void setup() override{enter_own_namespace();
}
}
;

TEST(SweepOfNsd, TellsTheTruthOfEveryName) {
    const Zone zone;
    const Nsd nsd(kServer, zone.text());
    std::vector<Question> asked;
    for (const auto& [name, truth] : zone.expected()) asked.push_back({name, RrType::a});
    const auto sweeper = Sweeper::create(lab_options({kServer})).value();
    const auto swept = sweep(*sweeper, asked);
    STRCMP_EQUAL("", swept.fault.c_str());
    CHECK_EQUAL(zone.expected().size(), swept.answers.size());
    CHECK_EQUAL(0U, swept.repeated);
    CHECK_EQUAL(0U, swept.tally.case_mismatch);
    for (const auto& [name, truth] : zone.expected()) {
        const auto wrong = difference(truth, swept.answers.at({name, RrType::a}));
        if (!wrong.empty()) FAIL((name + ": " + wrong).c_str());
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
