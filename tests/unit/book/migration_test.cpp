// SPDX-License-Identifier: Apache-2.0
// Books that versions 1 and 2 wrote. Their rows are written here as those versions wrote them.
#include "controlplane/book/schema.hpp"
#include "controlplane/book/sqlite.hpp"
#include "tests/unit/book/fixture.hpp"

using namespace sweepgate;
using namespace sweepgate::booktest;

namespace {

constexpr const char* kVersion1 = R"sql(
CREATE TABLE name(
    id INTEGER PRIMARY KEY,
    system TEXT NOT NULL, hostname TEXT NOT NULL, role INTEGER NOT NULL, family INTEGER NOT NULL,
    last_outcome INTEGER NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
    last_asked INTEGER NOT NULL DEFAULT 0, last_answered INTEGER NOT NULL DEFAULT 0,
    last_changed INTEGER NOT NULL DEFAULT 0, gone_since INTEGER NOT NULL DEFAULT 0,
    evicted INTEGER NOT NULL DEFAULT 0, answers INTEGER NOT NULL DEFAULT 0,
    denied_first INTEGER NOT NULL DEFAULT 0, denied_last INTEGER NOT NULL DEFAULT 0,
    denied_by TEXT NOT NULL DEFAULT '',
    UNIQUE(system, hostname, role, family)) STRICT;
CREATE INDEX name_hostname ON name(hostname);
CREATE TABLE sighting(
    name INTEGER NOT NULL REFERENCES name(id), address BLOB NOT NULL,
    chain TEXT NOT NULL, resolvers TEXT NOT NULL,
    first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, count INTEGER NOT NULL,
    ttl_lowest INTEGER NOT NULL, ttl_last INTEGER NOT NULL,
    seen_at_answer INTEGER NOT NULL, held_from INTEGER NOT NULL,
    PRIMARY KEY(name, address)) STRICT, WITHOUT ROWID;
CREATE INDEX sighting_address ON sighting(address);
CREATE TABLE generation(
    number INTEGER PRIMARY KEY, digest BLOB NOT NULL, time INTEGER NOT NULL,
    cause TEXT NOT NULL, sealed BLOB) STRICT;
CREATE TABLE audit(
    id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, who TEXT NOT NULL,
    verb TEXT NOT NULL, detail TEXT NOT NULL, result TEXT NOT NULL) STRICT;
CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
INSERT INTO counter VALUES ('sweeps', 7);
INSERT INTO name VALUES (1, 'aim', 'login.example.com', 1, 4, 1, 0, 100, 100, 90, 0, 2, 5, 6, 7, 'x');
INSERT INTO name VALUES (2, 'aim', 'gone.example.com', 1, 4, 3, 0, 100, 50, 90, 60, 0, 9, 3, 7, 'x');
INSERT INTO sighting VALUES
    (1, x'C6336401', 'edge.example.net', '192.0.2.53', 10, 100, 5, 30, 60, 5, 100),
    (2, x'C6336402', '', '192.0.2.53', 10, 50, 5, 30, 60, 5, 60);
INSERT INTO generation VALUES (3, zeroblob(32), 99, 'sweep', x'01');
PRAGMA application_id = 1397117508;
PRAGMA user_version = 1;
)sql";

// Behind kVersion1.
constexpr const char* kVersion2 = R"sql(
ALTER TABLE name ADD COLUMN draws INTEGER NOT NULL DEFAULT 0;
ALTER TABLE name ADD COLUMN denied_outcome INTEGER NOT NULL DEFAULT 0;
ALTER TABLE name ADD COLUMN denied_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sighting ADD COLUMN source INTEGER NOT NULL DEFAULT 1;
ALTER TABLE sighting ADD COLUMN authenticated INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sighting ADD COLUMN vantages TEXT NOT NULL DEFAULT '';
ALTER TABLE sighting ADD COLUMN draws INTEGER NOT NULL DEFAULT 0;
DELETE FROM counter;
INSERT INTO counter VALUES ('evidence', 105);
UPDATE name SET draws = 4;
UPDATE sighting SET draws = 3, vantages = 'lima';
PRAGMA user_version = 2;
)sql";

} // namespace

TEST_GROUP(Migration) {
    Folder folder;

    void setup() override {
        auto database = sqlite::Database::open(folder.book());
        if (!database->script(kVersion1)) FAIL("version 1");
    }
    [[nodiscard]] Book open() const {
        return opened(folder.book(), {std::chrono::seconds{100}, 3, 1, 1024, 8, 100});
    }
};

TEST(Migration, KeepsWhatVersionOneKnew) {
    const auto book = open();
    const auto entries = book.in_force(at(100));
    CHECK_EQUAL(2U, entries->size());
    const auto& entry = entries->at(1);
    STRCMP_EQUAL("login.example.com", entry.name.hostname.c_str());
    STRCMP_EQUAL("198.51.100.1", to_string(entry.address).c_str());
    STRCMP_EQUAL("edge.example.net", entry.chain.at(0).c_str());
    CHECK_EQUAL(5U, entry.count);
    CHECK_TRUE(entry.source == Source::dns);
    CHECK_FALSE(entry.authenticated);
    CHECK_EQUAL(3U, book.generations(5)->at(0).number);
    CHECK_TRUE(book.evidence() == at(100));
}

TEST(Migration, KeepsAConfirmedDenialAndStartsAnUnconfirmedRunAnew) {
    auto book = open();
    const auto names = book.names();
    CHECK_TRUE(names->at(0).gone_since == at(60)); // gone.example.com
    CHECK_TRUE(names->at(1).gone_since == at(0));
    recorded(book, {silence(101, NameOutcome::no_such_name)});
    CHECK_TRUE(book.names()->at(1).gone_since == at(0));
}

TEST(Migration, IsDoneOnce) {
    { const auto book = open(); }
    auto book = open();
    CHECK_EQUAL(0U, recorded(book, {answer(110, {"198.51.100.1"})}).added);
    CHECK_EQUAL(1U, book.names()->at(1).completeness.draws);
}

TEST(Migration, KeepsWhatVersionTwoKnew) {
    {
        auto database = sqlite::Database::open(folder.book());
        if (!database->script(kVersion2)) FAIL("version 2");
    }
    const auto book = open();
    CHECK_TRUE(book.evidence() == at(105));
    CHECK_EQUAL(4U, book.names()->at(1).completeness.draws);
    const auto entries = book.history("login.example.com", at(105));
    STRCMP_EQUAL("lima", entries->at(0).vantages.at(0).c_str());
}

TEST(Migration, MakesOneSpanOfEachAddress) {
    auto book = open();
    const auto spans = [&] { return book.history("login.example.com", at(110))->at(0).spans; };
    CHECK_TRUE(spans() == (std::vector<SeenSpan>{{at(10), at(100)}}));
    recorded(book, {answer(110, {"198.51.100.1"})});
    CHECK_TRUE(spans() == (std::vector<SeenSpan>{{at(10), at(110)}}));
    CHECK_EQUAL(0U, book.history("login.example.com", at(110))->at(0).spans_forgotten);
}

TEST(Migration, RefusesABookOfANewerProgram) {
    {
        auto database = sqlite::Database::open(folder.book());
        CHECK_TRUE(database->script("PRAGMA user_version = 5;").has_value());
    }
    STRCMP_CONTAINS("version 5, this program reads up to 4",
                    Book::open(folder.book(), {}).error().what.c_str());
}
