// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/guard_memory.hpp"

#include "controlplane/book/columns.hpp"

namespace sweepgate::controller {

namespace {

constexpr const char* kTables = R"sql(
CREATE TABLE IF NOT EXISTS reverse_name(
    address BLOB PRIMARY KEY, name TEXT NOT NULL, asked INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sinkhole(
    address BLOB PRIMARY KEY, resolver TEXT NOT NULL, certain INTEGER NOT NULL, words TEXT NOT NULL,
    seen INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused(
    system TEXT NOT NULL, address BLOB NOT NULL, removed INTEGER NOT NULL, who TEXT NOT NULL,
    PRIMARY KEY(system, address, removed)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dns(
    system TEXT NOT NULL, hostname TEXT NOT NULL, address BLOB NOT NULL, role INTEGER NOT NULL,
    scope INTEGER NOT NULL, good INTEGER NOT NULL, seen INTEGER NOT NULL,
    PRIMARY KEY(system, hostname, address)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dns_known(only INTEGER PRIMARY KEY CHECK(only = 1)) STRICT;
CREATE TABLE IF NOT EXISTS asked(
    system TEXT NOT NULL, hostname TEXT NOT NULL, role INTEGER NOT NULL, since INTEGER NOT NULL,
    PRIMARY KEY(system, hostname, role)) STRICT, WITHOUT ROWID;
PRAGMA user_version = 2;
)sql";

constexpr std::int64_t kTablesVersion = 2;

/// Nothing is written where nothing is missing: a full disk is no reason not to start.
Status make_tables(sqlite::Database& database) {
    std::int64_t version = 0;
    if (auto ok = database.each("PRAGMA user_version", {},
                                [&](const auto& row) { version = row.integer(0); });
        !ok)
        return ok;
    return version == kTablesVersion ? Status{} : database.script(kTables);
}

} // namespace

Result<GuardMemory> GuardMemory::open(const std::filesystem::path& path) {
    auto database = sqlite::Database::open(path);
    if (!database) return within("guard memory", database.error());
    if (auto ok = make_tables(*database); !ok) return within("guard memory", ok.error());
    GuardMemory memory(std::move(*database));
    if (auto ok = memory.load(); !ok) return within("guard memory", ok.error());
    return memory;
}

Status GuardMemory::load() {
    if (auto ok = load_reverse_names(); !ok) return ok;
    if (auto ok = load_sinkholes(); !ok) return ok;
    if (auto ok = load_refused(); !ok) return ok;
    if (auto ok = load_dns(); !ok) return ok;
    return load_asked();
}

Status GuardMemory::load_reverse_names() {
    ReverseNames names;
    auto ok =
        database_.each("SELECT address, name, asked FROM reverse_name", {}, [&](const auto& row) {
            if (const auto address = address_from_bytes(row.bytes(0)))
                names[*address] = {row.text(1), instant(row.integer(2))};
        });
    reverse_names_ = std::make_shared<ReverseNames>(std::move(names));
    return ok;
}

Status GuardMemory::load_sinkholes() {
    sinkholes_.clear();
    return database_.each(
        "SELECT address, resolver, certain, words FROM sinkhole ORDER BY address", {},
        [&](const auto& row) {
            if (const auto address = address_from_bytes(row.bytes(0)))
                sinkholes_.push_back({*address, row.text(1), row.integer(2) != 0, row.text(3)});
        });
}

Status GuardMemory::load_refused() {
    refused_.clear();
    return database_.each("SELECT system, address, removed, who FROM refused", {},
                          [&](const auto& row) {
                              const auto address = address_from_bytes(row.bytes(1));
                              if (!address) return;
                              auto& refusal = refused_[row.text(0)];
                              auto& list = row.integer(2) != 0 ? refusal.removed : refusal.added;
                              list[*address] = row.text(3);
                          });
}

Status GuardMemory::remember(const std::vector<std::pair<Address, std::string>>& reverse_names,
                             Instant now) {
    if (reverse_names.empty()) return {};
    auto ok = sqlite::in_transaction(database_, [&]() -> Status {
        for (const auto& [address, name] : reverse_names)
            if (auto written = database_.run("INSERT OR REPLACE INTO reverse_name VALUES(?, ?, ?)",
                                             {to_column(address), name, to_column(now)});
                !written)
                return written;
        return database_.run("DELETE FROM reverse_name WHERE address IN (SELECT address FROM "
                             "reverse_name ORDER BY asked DESC LIMIT -1 OFFSET ?)",
                             {number(kMaxReverseNames)});
    });
    if (!ok) return ok;
    if (reverse_names_.use_count() > 1) // somebody plans with them
        reverse_names_ = std::make_shared<ReverseNames>(*reverse_names_);
    for (const auto& [address, name] : reverse_names) (*reverse_names_)[address] = {name, now};
    // Some went: which ones, the file knows.
    return reverse_names_->size() > kMaxReverseNames ? load_reverse_names() : Status{};
}

Status GuardMemory::remember(const std::vector<Sinkhole>& sinkholes, Instant now) {
    auto ok = sqlite::in_transaction(database_, [&]() -> Status {
        for (const auto& each : sinkholes)
            if (auto written = database_.run(
                    "INSERT OR REPLACE INTO sinkhole VALUES(?, ?, ?, ?, ?)",
                    {to_column(each.address), each.resolver,
                     static_cast<std::int64_t>(each.certain), each.words, to_column(now)});
                !written)
                return written;
        if (auto written = database_.run("DELETE FROM sinkhole WHERE seen < ?",
                                         {to_column(now - kSinkholeKept)});
            !written)
            return written;
        return database_.run("DELETE FROM sinkhole WHERE address IN (SELECT address FROM sinkhole "
                             "ORDER BY seen DESC, address LIMIT -1 OFFSET ?)",
                             {number(kMaxSinkholes)});
    });
    return ok ? load_sinkholes() : ok;
}

Status GuardMemory::refuse(const Hold& hold, const std::string& by) {
    std::size_t held = hold.added.size() + hold.removed.size();
    for (const auto& [system, refusal] : refused_)
        held += refusal.added.size() + refusal.removed.size();
    if (held > kMaxRefused)
        return fail(Errc::refused, "more than " + std::to_string(kMaxRefused) +
                                       " refused addresses; take some back with approve");
    const auto write = [&](const std::vector<Address>& addresses, std::int64_t removed) -> Status {
        for (const auto& address : addresses)
            if (auto ok = database_.run("INSERT OR REPLACE INTO refused VALUES(?, ?, ?, ?)",
                                        {hold.system, to_column(address), removed, by});
                !ok)
                return ok;
        return {};
    };
    auto ok = sqlite::in_transaction(database_, [&]() -> Status {
        if (auto written = write(hold.added, 0); !written) return written;
        return write(hold.removed, 1);
    });
    return ok ? load_refused() : ok;
}

Result<bool> GuardMemory::forgive(const std::string& system) {
    if (!refused_.contains(system)) return false;
    if (auto ok = database_.run("DELETE FROM refused WHERE system = ?", {system}); !ok)
        return tl::unexpected(ok.error());
    refused_.erase(system);
    return true;
}

} // namespace sweepgate::controller
