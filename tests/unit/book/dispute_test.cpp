// SPDX-License-Identifier: Apache-2.0
// Names that resolvers contradict each other about.
#include "tests/unit/book/fixture.hpp"

using namespace sweepgate;
using namespace sweepgate::booktest;

TEST_GROUP(Disputes) {
    Folder folder;
    std::optional<Book> book;

    void setup() override { open(); }
    void open() {
        book.reset();
        book = opened(folder.book(), {});
    }
    void knows(const std::string& resolver) {
        recorded(*book, {answer(0, {"198.51.100.1"}, resolver)});
    }
    void says(const std::string& resolver, NameOutcome outcome) {
        recorded(*book, {silence(0, outcome, resolver)});
    }
    /// "login.example.com: r1 against r2 r3".
    [[nodiscard]] std::string disputes() const {
        std::string text;
        const auto found = book->disputes();
        for (const auto& each : *found) {
            text += each.hostname + ":";
            for (const auto& resolver : each.known_to) text += " " + resolver;
            text += " against";
            for (const auto& resolver : each.unknown_to) text += " " + resolver;
        }
        return text.empty() ? "none" : text;
    }
};

TEST(Disputes, AreNamesThatSomeKnowAndOthersDeny) {
    STRCMP_EQUAL("none", disputes().c_str());
    knows("r1");
    STRCMP_EQUAL("none", disputes().c_str());
    says("r3", NameOutcome::no_such_name);
    says("r2", NameOutcome::no_data);
    STRCMP_EQUAL("login.example.com: r1 against r2 r3", disputes().c_str());
}

TEST(Disputes, GoByTheLastWordOfEach) {
    says("r2", NameOutcome::no_such_name);
    knows("r1");
    knows("r2");
    STRCMP_EQUAL("none", disputes().c_str());
    says("r1", NameOutcome::no_such_name);
    STRCMP_EQUAL("login.example.com: r2 against r1", disputes().c_str());
}

TEST(Disputes, AreNotMadeByThoseThatSayNothingOfTheName) {
    knows("r1");
    for (const auto outcome : {NameOutcome::timeout, NameOutcome::server_failure,
                               NameOutcome::refused, NameOutcome::malformed, NameOutcome::filtered})
        says("r2", outcome);
    STRCMP_EQUAL("none", disputes().c_str());
    says("r2", NameOutcome::no_such_name);
    says("r2", NameOutcome::timeout);
    STRCMP_EQUAL("login.example.com: r1 against r2", disputes().c_str());
}

TEST(Disputes, OutliveARestart) {
    knows("r1");
    says("r2", NameOutcome::no_such_name);
    open();
    STRCMP_EQUAL("login.example.com: r1 against r2", disputes().c_str());
    knows("r1"); // before anybody else is asked again
    STRCMP_EQUAL("login.example.com: r1 against r2", disputes().c_str());
}

TEST(Disputes, AreBounded) {
    knows("r0");
    for (int i = 0; i < 100; ++i) says("d" + std::to_string(i), NameOutcome::no_such_name);
    CHECK_EQUAL(16U, book->disputes()->at(0).unknown_to.size());
}
