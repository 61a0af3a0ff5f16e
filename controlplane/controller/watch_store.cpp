// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/watch_store.hpp"

#include "controlplane/book/columns.hpp"
#include "controlplane/controller/state_files.hpp"

namespace sweepgate::controller {

namespace {

constexpr const char* kTables = R"sql(
CREATE TABLE IF NOT EXISTS alarm(
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, kind TEXT NOT NULL, severity INTEGER NOT NULL,
    system TEXT NOT NULL, gate TEXT NOT NULL, text TEXT NOT NULL,
    since INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS event(
    id INTEGER PRIMARY KEY AUTOINCREMENT, gate TEXT NOT NULL, time_ms INTEGER NOT NULL,
    client TEXT NOT NULL, system TEXT NOT NULL, protocol INTEGER NOT NULL, port INTEGER NOT NULL,
    port_class INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS gate(
    name TEXT NOT NULL, instance TEXT NOT NULL, kind INTEGER NOT NULL, via TEXT NOT NULL,
    version TEXT NOT NULL, generation INTEGER NOT NULL, digest BLOB NOT NULL,
    last_seen INTEGER NOT NULL, doubled INTEGER NOT NULL,
    PRIMARY KEY(name, instance)) STRICT, WITHOUT ROWID;
)sql";

/// Every column that is read later: a table of another shape is damage as well.
constexpr std::array<const char*, 3> kColumns{
    "SELECT id, source, kind, severity, system, gate, text, since, until FROM alarm LIMIT 1",
    "SELECT id, gate, time_ms, client, system, protocol, port, port_class FROM event LIMIT 1",
    "SELECT name, instance, kind, via, version, generation, digest, last_seen, doubled FROM gate"
    " LIMIT 1"};

Result<sqlite::Database> open_tables(const std::filesystem::path& path) {
    auto database = sqlite::Database::open(path);
    if (!database) return database;
    if (auto ok = database->script(kTables); !ok) return tl::unexpected(ok.error());
    for (const auto* columns : kColumns)
        if (auto ok = database->each(columns, {}, [](const auto&) {}); !ok)
            return fail(Errc::io, path.string() + ": damaged: " + ok.error().what);
    return database;
}

std::int64_t seconds_of(std::chrono::system_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

PortClass port_class_of(std::int64_t column) {
    return column >= 0 && column < static_cast<std::int64_t>(kPortClasses)
               ? static_cast<PortClass>(column)
               : PortClass::none;
}

GateEvent to_event(const sqlite::Row& row) {
    GateEvent said;
    said.gate = row.text(0);
    said.event.time_ms = static_cast<std::uint64_t>(row.integer(1));
    if (const auto client = parse_prefix(row.text(2))) said.event.client = *client;
    said.event.system = row.text(3);
    said.event.protocol = static_cast<std::uint8_t>(row.integer(4));
    if (row.integer(5) >= 0) said.event.port = static_cast<std::uint16_t>(row.integer(5));
    said.event.port_class = port_class_of(row.integer(6));
    return said;
}

wire::PeerState to_gate(const sqlite::Row& row) {
    wire::PeerState gate;
    gate.gate = row.text(0);
    gate.instance = row.text(1);
    gate.kind = row.integer(2) == static_cast<std::int64_t>(GateKind::dpdk) ? GateKind::dpdk
                                                                            : GateKind::nftables;
    gate.via = row.text(3);
    gate.version = row.text(4);
    gate.report.emplace();
    gate.report->gate = gate.gate;
    gate.report->kind = gate.kind;
    gate.report->generation = static_cast<Generation>(row.integer(5));
    const auto digest = row.bytes(6);
    std::copy_n(digest.begin(), std::min(digest.size(), gate.report->digest.size()),
                gate.report->digest.begin());
    gate.last_seen = std::chrono::system_clock::time_point(std::chrono::seconds(row.integer(7)));
    gate.doubled = row.integer(8) != 0;
    gate.remembered = true;
    return gate;
}

} // namespace

Result<WatchStore> WatchStore::open(const std::filesystem::path& path) {
    std::error_code ignored;
    const bool is_new =
        !std::filesystem::exists(path, ignored) || std::filesystem::file_size(path, ignored) == 0;
    std::string lost =
        is_new ? path.string() + ": there was none, and an empty one has begun: " : std::string();
    auto database = open_or_begin_anew(path, open_tables, lost);
    if (!database) return tl::unexpected(database.error());
    WatchStore store(std::move(*database));
    if (!lost.empty())
        store.lost_ = lost + "alarms, first-seen events and expected gates before this start are "
                             "not in it";
    store.is_new_ = is_new;
    return store;
}

Status WatchStore::add(const FiledAlarm& filed) {
    const auto& alarm = filed.alarm;
    return database_.run(
        "INSERT OR REPLACE INTO alarm(id, source, kind, severity, system, gate, text, since, until)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {number(filed.id), filed.source, alarm.kind, static_cast<std::int64_t>(alarm.severity),
         alarm.system, alarm.gate, alarm.text, to_column(alarm.since), to_column(alarm.until)});
}

Status WatchStore::add(const GateEvent& said) {
    const auto& event = said.event;
    return database_.run(
        "INSERT INTO event(gate, time_ms, client, system, protocol, port, port_class)"
        " VALUES(?, ?, ?, ?, ?, ?, ?)",
        {said.gate, number(event.time_ms), event.client ? to_string(*event.client) : std::string(),
         event.system, static_cast<std::int64_t>(event.protocol),
         event.port ? static_cast<std::int64_t>(*event.port) : std::int64_t{-1},
         static_cast<std::int64_t>(event.port_class)});
}

Status WatchStore::add(const wire::PeerState& gate) {
    const Generation generation = gate.report ? gate.report->generation : 0;
    const Digest digest = gate.report ? gate.report->digest : Digest{};
    return database_.run(
        "INSERT OR REPLACE INTO gate(name, instance, kind, via, version, generation, digest,"
        " last_seen, doubled) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {gate.gate, gate.instance, static_cast<std::int64_t>(gate.kind), gate.via, gate.version,
         number(generation), sqlite::Bytes(digest.begin(), digest.end()),
         seconds_of(gate.last_seen), number(gate.doubled)});
}

Status WatchStore::save(std::span<const FiledAlarm> alarms, std::span<const GateEvent> events,
                        const std::vector<wire::PeerState>* gates) {
    auto transaction = sqlite::Transaction::begin(database_);
    if (!transaction) return tl::unexpected(transaction.error());
    for (const auto& alarm : alarms)
        if (auto ok = add(alarm); !ok) return ok;
    for (const auto& event : events)
        if (auto ok = add(event); !ok) return ok;
    if (gates != nullptr) {
        if (auto ok = database_.run("DELETE FROM gate"); !ok) return ok;
        for (const auto& gate : *gates)
            if (auto ok = add(gate); !ok) return ok;
    }
    // What stands is never cut off.
    if (auto ok = database_.run("DELETE FROM alarm WHERE until != 0 AND id <= "
                                "(SELECT coalesce(max(id), 0) FROM alarm) - ?",
                                {kAlarmsOnDisk});
        !ok)
        return ok;
    if (auto ok = database_.run("DELETE FROM event WHERE id <= "
                                "(SELECT coalesce(max(id), 0) FROM event) - ?",
                                {kEventsOnDisk});
        !ok)
        return ok;
    return transaction->commit();
}

Result<std::vector<FiledAlarm>> WatchStore::alarms() {
    std::vector<FiledAlarm> found;
    const auto read = database_.each(
        "SELECT id, source, kind, severity, system, gate, text, since, until FROM alarm WHERE "
        "until = 0 OR id > (SELECT coalesce(max(id), 0) FROM alarm) - ? ORDER BY id",
        {static_cast<std::int64_t>(kKeptAlarms)}, [&](const auto& row) {
            const auto severity = std::clamp<std::int64_t>(row.integer(3), 0, 2);
            found.push_back(
                {static_cast<std::uint64_t>(row.integer(0)),
                 row.text(1),
                 {row.text(2), row.text(4), row.text(6), instant(row.integer(7)),
                  static_cast<Severity>(severity), row.text(5), instant(row.integer(8))}});
        });
    if (!read) return tl::unexpected(read.error());
    return found;
}

Result<std::vector<GateEvent>> WatchStore::events() {
    std::vector<GateEvent> found;
    const auto read = database_.each(
        "SELECT gate, time_ms, client, system, protocol, port, port_class FROM event WHERE "
        "id > (SELECT coalesce(max(id), 0) FROM event) - ? ORDER BY id",
        {static_cast<std::int64_t>(kKeptEvents)},
        [&](const auto& row) { found.push_back(to_event(row)); });
    if (!read) return tl::unexpected(read.error());
    return found;
}

Result<std::vector<wire::PeerState>> WatchStore::gates() {
    std::vector<wire::PeerState> found;
    const auto read = database_.each(
        "SELECT name, instance, kind, via, version, generation, digest, last_seen, doubled "
        "FROM gate ORDER BY name, last_seen",
        {}, [&](const auto& row) { found.push_back(to_gate(row)); });
    if (!read) return tl::unexpected(read.error());
    return found;
}

} // namespace sweepgate::controller
