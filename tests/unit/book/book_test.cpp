// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include "tests/unit/book/fixture.hpp"

using namespace sweepgate;
using namespace sweepgate::booktest;

TEST_GROUP(Book) {
    Folder folder;

    [[nodiscard]] Book open() const { return opened(folder.book(), {}); }
    [[nodiscard]] std::string fault(const Observation& seen) const {
        auto book = open();
        const auto outcome = book.record(std::vector{seen});
        return outcome ? "accepted" : outcome.error().what;
    }
};

TEST(Book, AggregatesSightings) {
    auto book = open();
    auto first = answer(10, {"198.51.100.1"}, "192.0.2.54");
    first.chain = {"edge.example.net", "pop.example.net"};
    first.ttl = 30;
    CHECK_EQUAL(1U, recorded(book, {first}).added);
    auto second = answer(20, {"198.51.100.1"}, "192.0.2.53");
    second.ttl = 300;
    recorded(book, {second});
    const auto entry = book.in_force(at(20))->at(0);
    STRCMP_EQUAL("aim", entry.name.system.c_str());
    CHECK_TRUE(entry.first_seen == at(10) && entry.last_seen == at(20));
    CHECK_EQUAL(2U, entry.count);
    CHECK_EQUAL(30U, entry.ttl_lowest);
    CHECK_EQUAL(300U, entry.ttl_last);
    CHECK_EQUAL(2U, entry.resolvers.size());
    STRCMP_EQUAL("192.0.2.53", entry.resolvers[0].c_str());
    CHECK_TRUE(entry.chain.empty()); // of the last sighting
    CHECK_TRUE(entry.in_force);
}

TEST(Book, FindsByNameAndByAddressWhatIsNoLongerInForce) {
    auto book = opened(folder.book(), {std::chrono::seconds{1}, 1, 1, 1024, 8, 100});
    recorded(book, {answer(0, {"198.51.100.1"})});
    recorded(book, {answer(10, {"198.51.100.2"})});
    STRCMP_EQUAL("198.51.100.2", in_force(book, 10).c_str());
    const auto by_name = book.history("login.example.com", at(10));
    CHECK_EQUAL(2U, by_name->size());
    CHECK_FALSE(by_name->at(0).in_force);
    CHECK_EQUAL(1U, by_name->at(0).absences);
    CHECK_EQUAL(1U, book.history(*parse_address("198.51.100.1"), at(10))->size());
    CHECK_TRUE(book.history("other.example.com", at(10))->empty());
    CHECK_TRUE(book.history(*parse_address("2001:db8::1"), at(10))->empty());
}

TEST(Book, KeepsOneNameOfTwoSystemsApart) {
    auto book = open();
    auto other = answer(0, {"198.51.100.1"});
    other.name.system = "icq";
    other.name.role = Role::shared;
    recorded(book, {answer(0, {"198.51.100.1"}), other});
    CHECK_EQUAL(2U, book.in_force(at(0))->size());
    CHECK_EQUAL(2U, book.names()->size());
}

TEST(Book, CleansNamesThatComeFromTheNetwork) {
    auto book = open();
    auto seen = answer(0, {"198.51.100.1"});
    seen.chain = {"a\nb.example.net", "\x1b[31m.example.net"};
    recorded(book, {seen});
    const auto chain = book.in_force(at(0))->at(0).chain;
    CHECK_EQUAL(2U, chain.size());
    STRCMP_EQUAL("a?b.example.net", chain[0].c_str());
    STRCMP_EQUAL("?[31m.example.net", chain[1].c_str());
}

TEST(Book, RefusesAnObservationThatContradictsItself) {
    auto seen = answer(0, {"198.51.100.1"});
    seen.outcome = NameOutcome::timeout;
    STRCMP_EQUAL("observation of 'login.example.com': addresses do not fit the outcome",
                 fault(seen).c_str());
    STRCMP_EQUAL("observation of 'login.example.com': addresses do not fit the outcome",
                 fault(silence(0, NameOutcome::answered)).c_str());
    seen = answer(0, {"198.51.100.1"});
    seen.type = Family::ipv6;
    STRCMP_EQUAL("observation of 'login.example.com': 198.51.100.1 is of another family",
                 fault(seen).c_str());
    seen = answer(0, {"198.51.100.1"}, "");
    STRCMP_EQUAL("observation of 'login.example.com': bad resolver", fault(seen).c_str());
}

TEST(Book, RecordsAllOfASweepOrNothing) {
    auto book = open();
    auto bad = answer(0, {"198.51.100.2"});
    bad.name.hostname = "two words";
    const auto outcome = book.record(std::vector{answer(0, {"198.51.100.1"}), bad});
    CHECK_TRUE(outcome.error().code == Errc::bad_input);
    STRCMP_EQUAL("", in_force(book, 0).c_str());
    CHECK_EQUAL(1U, recorded(book, {answer(0, {"198.51.100.1"})}).added);
}

TEST(Book, IsHeldByOneProcessAtATime) {
    auto book = open();
    recorded(book, {answer(0, {"198.51.100.1"})});
    const auto second = Book::open(folder.book(), {});
    CHECK_TRUE(second.error().code == Errc::conflict);
    STRCMP_EQUAL(("address book: " + folder.book().string() + ": another process holds it").c_str(),
                 second.error().what.c_str());
    CHECK_EQUAL(1U, recorded(book, {answer(1, {"198.51.100.2"})}).added);
}

TEST(Book, IsCopiedAsItStandsWhileItIsHeld) {
    auto book = open();
    recorded(book, {answer(0, {"198.51.100.1"})});
    const auto copy = folder.path() / "copy";
    CHECK_TRUE(book.copy_to(copy).has_value());
    recorded(book, {answer(1, {"198.51.100.2"})});
    CHECK_FALSE(book.copy_to(copy).has_value()); // over no file
    auto copied = Book::open(copy, {}).value();
    STRCMP_EQUAL("198.51.100.1", in_force(copied, 1).c_str());
    const auto nowhere = folder.path() / "none" / "copy";
    CHECK_TRUE(book.copy_to(nowhere).error().code == Errc::io);
}

TEST(Book, RefusesWhatIsNoBook) {
    std::ofstream(folder.book()) << std::string(8192, 'x');
    const auto book = Book::open(folder.book(), {});
    CHECK_TRUE(book.error().code == Errc::io);
    STRCMP_CONTAINS("file is not a database", book.error().what.c_str());
}

TEST(Book, RefusesAMissingFolder) {
    const auto book = Book::open(folder.path() / "none" / "book.db", {});
    CHECK_TRUE(book.error().code == Errc::io);
    STRCMP_CONTAINS("unable to open database file (No such file or directory)",
                    book.error().what.c_str());
}

TEST(Book, RefusesImpossibleOptions) {
    BookOptions options;
    options.hold_down = std::chrono::seconds{0};
    STRCMP_EQUAL("an option of the address book is 0",
                 Book::open(folder.book(), options).error().what.c_str());
}
