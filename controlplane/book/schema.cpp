// SPDX-License-Identifier: Apache-2.0
#include "controlplane/book/schema.hpp"

#include <array>

namespace sweepgate {

namespace {

// name.answers counts successful answers; a sighting remembers its value when last seen, so that
// "answers since, without it" costs no write. held_from is where the hold-down starts.
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
INSERT INTO counter VALUES ('sweeps', 0);
PRAGMA application_id = 1397117508;
PRAGMA user_version = 1;
)sql";

// denied_* tell of a run of agreeing denials: their outcome, number and times, all 0 outside of
// one. draws are the answers that say how complete a set is, see completeness.hpp. 'evidence' is
// when any resolver last answered or denied anything: ageing goes by it, so it stops while all are
// silent.
constexpr const char* kVersion2 = R"sql(
ALTER TABLE name ADD COLUMN draws INTEGER NOT NULL DEFAULT 0;
ALTER TABLE name ADD COLUMN denied_outcome INTEGER NOT NULL DEFAULT 0;
ALTER TABLE name ADD COLUMN denied_count INTEGER NOT NULL DEFAULT 0;
UPDATE name SET denied_first = 0, denied_last = 0, denied_by = '';
ALTER TABLE sighting ADD COLUMN source INTEGER NOT NULL DEFAULT 1;
ALTER TABLE sighting ADD COLUMN authenticated INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sighting ADD COLUMN vantages TEXT NOT NULL DEFAULT '';
ALTER TABLE sighting ADD COLUMN draws INTEGER NOT NULL DEFAULT 0;
DELETE FROM counter;
INSERT INTO counter SELECT 'evidence', coalesce(max(last_answered), 0) FROM name;
PRAGMA user_version = 2;
)sql";

// name.turns counts the answers by which presence.hpp goes: fresh ones, and confirmed denials. A
// sighting's span_* tell of the span that has not ended: when and at which turn it began, in how
// many turns since the address was seen. spans are the ones before, oldest first, "FROM TO" a line;
// spans_ended counts those that are no longer kept as well. A name is known_to and unknown_to the
// resolvers whose last word on it was an answer and a denial.
constexpr const char* kVersion3 = R"sql(
ALTER TABLE name ADD COLUMN turns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE name ADD COLUMN known_to TEXT NOT NULL DEFAULT '';
ALTER TABLE name ADD COLUMN unknown_to TEXT NOT NULL DEFAULT '';
ALTER TABLE sighting ADD COLUMN span_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sighting ADD COLUMN span_turn INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sighting ADD COLUMN span_hits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sighting ADD COLUMN seen_at_turn INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sighting ADD COLUMN spans TEXT NOT NULL DEFAULT '';
ALTER TABLE sighting ADD COLUMN spans_ended INTEGER NOT NULL DEFAULT 0;
UPDATE sighting SET span_from = first_seen;
PRAGMA user_version = 3;
)sql";

// audit.hash is over the one before and the entry itself; empty in entries of before this version.
// audit_chain: what the oldest entry that is kept follows, and its id.
constexpr const char* kVersion4 = R"sql(
ALTER TABLE audit ADD COLUMN origin TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN hash BLOB NOT NULL DEFAULT x'';
CREATE TABLE audit_chain(
    one INTEGER PRIMARY KEY CHECK(one = 1), first INTEGER NOT NULL, before BLOB NOT NULL) STRICT;
PRAGMA user_version = 4;
)sql";

// [n]: from n to n + 1.
constexpr std::array<const char*, kBookVersion> kSteps{kVersion1, kVersion2, kVersion3, kVersion4};
constexpr std::int64_t kApplication = 1397117508; // "SFGD"

Result<std::int64_t> number(sqlite::Database& database, std::string_view sql) {
    std::int64_t value = 0;
    if (auto ok = database.each(sql, {}, [&](const auto& row) { value = row.integer(0); }); !ok)
        return tl::unexpected(ok.error());
    return value;
}

} // namespace

Status migrate(sqlite::Database& database) {
    const auto version = number(database, "PRAGMA user_version");
    if (!version) return tl::unexpected(version.error());
    const auto application = number(database, "PRAGMA application_id");
    if (!application) return tl::unexpected(application.error());
    if (*version > kBookVersion)
        return fail(Errc::bad_input, "the address book has version " + std::to_string(*version) +
                                         ", this program reads up to " +
                                         std::to_string(kBookVersion));
    if (*version < 0 || (*version > 0 && *application != kApplication))
        return fail(Errc::bad_input, "a database of another program, no address book");
    if (*version == kBookVersion) return {};

    auto transaction = sqlite::Transaction::begin(database);
    if (!transaction) return tl::unexpected(transaction.error());
    for (auto step = *version; step < kBookVersion; ++step)
        if (auto ok = database.script(kSteps[static_cast<std::size_t>(step)]); !ok) return ok;
    return transaction->commit();
}

} // namespace sweepgate
