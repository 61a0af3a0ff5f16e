// SPDX-License-Identifier: Apache-2.0
#include "resolver/in_flight.hpp"

#include "tests/unit/resolver/wire_text.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::dns;
using test::Octets;

namespace {

Octets query(std::uint16_t id, std::string_view name = "www.example.com") {
    auto octets = test::answer(name, RrType::a, 0x0120).octets();
    octets[0] = static_cast<std::uint8_t>(id >> 8U);
    octets[1] = static_cast<std::uint8_t>(id);
    return octets;
}

} // namespace

TEST_GROUP(InFlight) { InFlight queries; };

TEST(InFlight, FindsAQueryByItsIdUntilItIsRemoved) {
    const auto first = query(0x1234), same_bucket = query(0x5634), other = query(0x1235);
    Carried a, b, c;
    queries.add(a, first);
    queries.add(b, same_bucket);
    queries.add(c, other);
    POINTERS_EQUAL(&a, queries.with_id(0x1234));
    POINTERS_EQUAL(&b, queries.with_id(0x5634));
    POINTERS_EQUAL(nullptr, queries.with_id(0x9934));
    queries.remove(b);
    POINTERS_EQUAL(nullptr, queries.with_id(0x5634));
    POINTERS_EQUAL(&a, queries.with_id(0x1234));
    queries.remove(a);
    queries.remove(c);
    CHECK_EQUAL(0U, queries.count());
    POINTERS_EQUAL(nullptr, queries.with_id(0x1235));
}

TEST(InFlight, KnowsAReplyThatRepeatsNoQuestion) {
    auto reply = query(1);
    CHECK_FALSE(lacks_question(reply));
    reply[5] = 0;
    CHECK_FALSE(lacks_question(reply)); // a query of its own
    reply[2] |= 0x80;
    CHECK_TRUE(lacks_question(reply));
    for (std::size_t size = 0; size < 12; ++size)
        CHECK_FALSE(lacks_question(std::span(reply).first(size)));
    CHECK_TRUE(lacks_question(std::span(reply).first(12)));
}

TEST(InFlight, GivesAReplyTheQuestionThatItLacksAndNothingElse) {
    const auto asked = query(0x0102);
    const Octets bare = {1, 2, 0x81, 0x81, 0, 0, 0, 9, 0, 9, 0, 9, 0xFF};
    std::array<std::uint8_t, 64> out{};
    const auto size = write_with_question(bare, asked, out);
    CHECK_EQUAL(asked.size(), size);
    auto wanted = asked;
    wanted[2] = wanted[3] = 0x81;
    CHECK_TRUE(std::equal(wanted.begin(), wanted.end(), out.begin()));
    CHECK_EQUAL(0U, write_with_question(bare, asked, std::span(out).first(size - 1)));
    for (std::size_t cut = 0; cut < asked.size(); ++cut)
        CHECK_EQUAL(0U, write_with_question(bare, std::span(asked).first(cut), out));
}
