// SPDX-License-Identifier: Apache-2.0
#include "resolver/reverse.hpp"

#include "controlplane/model/name.hpp"
#include "resolver/query.hpp"
#include "resolver/reader.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

/// A question for the reverse name of 192.0.2.1 and one PTR record in answer to it.
std::vector<std::uint8_t> answer_with(const std::vector<std::uint8_t>& rdata) {
    std::vector<std::uint8_t> message{0, 1, 0x80, 0, 0, 1, 0, 1, 0, 0, 0, 0};
    for (const std::string label : {"1", "2", "0", "192", "in-addr", "arpa"}) {
        message.push_back(static_cast<std::uint8_t>(label.size()));
        message.insert(message.end(), label.begin(), label.end());
    }
    for (const int octet : {0, 0, 12, 0, 1, 0xC0, 12, 0, 12, 0, 1, 0, 0, 0, 60, 0})
        message.push_back(static_cast<std::uint8_t>(octet));
    message.push_back(static_cast<std::uint8_t>(rdata.size()));
    message.insert(message.end(), rdata.begin(), rdata.end());
    return message;
}

Answer read(const std::vector<std::uint8_t>& rdata) {
    return read_answer(answer_with(rdata),
                       {reverse_name(*parse_address("192.0.2.1")), RrType::ptr});
}

} // namespace

TEST_GROUP(Reverse){};

TEST(Reverse, NameOfAnAddressCanBeAskedFor) {
    STRCMP_EQUAL("1.2.0.192.in-addr.arpa", reverse_name(*parse_address("192.0.2.1")).c_str());
    // RFC 3596, section 2.5.
    STRCMP_EQUAL("b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa",
                 reverse_name(*parse_address("4321:0:1:2:3:4:567:89ab")).c_str());
    CHECK_TRUE(canonical_name(reverse_name(*parse_address("2001:db8::1"))).has_value());
}

TEST(Reverse, NameIsReadFromThePointer) {
    const auto answer = read({2, 'n', 's', 2, 'X', 'Y', 0});
    CHECK_TRUE(answer.outcome == Outcome::answered);
    STRCMP_EQUAL("ns.xy", answer.targets.at(0).name.c_str());
}

TEST(Reverse, PointerThatIsCutOrTooLongIsMalformed) {
    const std::vector<std::uint8_t> whole{2, 'n', 's', 2, 'x', 'y', 0};
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK_TRUE(
            read({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}).outcome ==
            Outcome::malformed);
    auto longer = whole;
    longer.push_back(0);
    CHECK_TRUE(read(longer).outcome == Outcome::malformed);
}
