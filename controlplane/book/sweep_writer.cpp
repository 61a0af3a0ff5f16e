// SPDX-License-Identifier: Apache-2.0
#include "controlplane/book/sweep_writer.hpp"

#include "controlplane/book/columns.hpp"

namespace sweepgate {

namespace {

constexpr std::size_t kMaxResolvers = 16;   // remembered an address or denial
constexpr std::size_t kMaxAddresses = 4096; // more than a 64 KiB DNS message can hold
constexpr std::size_t kMaxChain = 64;

bool is_clean(std::string_view text) {
    return text.size() <= kMaxText &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

Status check(const Observation& seen) {
    const auto bad = [&](std::string_view why) {
        return fail(Errc::bad_input, "observation of '" + seen.name.hostname.substr(0, kMaxText) +
                                         "': " + std::string(why));
    };
    if (seen.name.hostname.empty() || !is_clean(seen.name.hostname)) return bad("bad hostname");
    if (!is_clean(seen.name.system)) return bad("bad system");
    // Nobody answers a question that was never sent because every resolver is silent.
    const bool told = seen.outcome <= NameOutcome::no_such_name;
    if ((told && seen.resolver.empty()) || !is_clean(seen.resolver)) return bad("bad resolver");
    if (to_string(seen.name.role) == "unknown") return bad("bad role");
    if (to_string(seen.outcome) == "unknown") return bad("bad outcome");
    if (seen.addresses.empty() == (seen.outcome == NameOutcome::answered))
        return bad("addresses do not fit the outcome");
    if (seen.addresses.size() > kMaxAddresses) return bad("too many addresses");
    if (seen.chain.size() > kMaxChain) return bad("too long a chain");
    for (const auto& address : seen.addresses)
        if (address.family != seen.type) return bad(to_string(address) + " is of another family");
    return {};
}

} // namespace

Status SweepWriter::begin() {
    return database_.each("UPDATE counter SET value = value + 1 WHERE name = 'sweeps' "
                          "RETURNING value",
                          {}, [&](const auto& row) { sweep_ = row.integer(0); });
}

Status SweepWriter::write(const Observation& seen) {
    if (auto ok = check(seen); !ok) return ok;
    const auto name = name_row(seen);
    if (!name) return tl::unexpected(name.error());
    switch (seen.outcome) {
    case NameOutcome::answered: return write_answer(*name, seen);
    case NameOutcome::no_data:
    case NameOutcome::no_such_name: return write_denial(*name, seen);
    default: break;
    }
    // Neither answer nor denial: everything known stays as it is.
    return database_.run("UPDATE name SET failures = failures + 1 WHERE id = ?", {name->id});
}

Result<SweepWriter::NameRow> SweepWriter::name_row(const Observation& seen) {
    NameRow name;
    auto ok = database_.each(
        "INSERT INTO name(system, hostname, role, family, last_outcome, last_asked) "
        "VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(system, hostname, role, family) DO UPDATE SET "
        "last_outcome = excluded.last_outcome, last_asked = max(last_asked, excluded.last_asked) "
        "RETURNING id, answers, gone_since, denied_first, denied_last, denied_by",
        {seen.name.system, seen.name.hostname, static_cast<std::int64_t>(seen.name.role),
         static_cast<std::int64_t>(seen.type), static_cast<std::int64_t>(seen.outcome),
         to_column(seen.time)},
        [&](const auto& row) {
            name = {row.integer(0), row.integer(1), row.integer(2),
                    row.integer(3), row.integer(4), words(row.text(5))};
        });
    if (!ok) return tl::unexpected(ok.error());
    return name;
}

Status SweepWriter::write_answer(const NameRow& name, const Observation& seen) {
    auto answered = name;
    ++answered.answers;
    bool changed = false;
    for (const auto& address : seen.addresses)
        if (auto ok = write_address(answered, seen, address, changed); !ok) return ok;
    const auto now = to_column(seen.time);
    if (auto ok = database_.run(
            "UPDATE name SET answers = ?, failures = 0, gone_since = 0, denied_first = 0, "
            "denied_last = 0, denied_by = '', last_answered = max(last_answered, ?), "
            "last_changed = CASE WHEN ? THEN ? ELSE last_changed END WHERE id = ?",
            {answered.answers, now, static_cast<std::int64_t>(changed), now, name.id});
        !ok)
        return ok;
    return changed ? evict(name) : Status{};
}

Status SweepWriter::write_address(const NameRow& name, const Observation& seen,
                                  const Address& address, bool& changed) {
    const auto now = to_column(seen.time);
    const auto bytes = to_column(address);
    bool known = false;
    bool left = false;
    std::vector<std::string> resolvers;
    if (auto ok = database_.each(
            "SELECT resolvers, ? - seen_at_answer > ? AND ? - held_from >= ? FROM sighting "
            "WHERE name = ? AND address = ?",
            // This very answer is in name.answers already and is none without the address.
            {name.answers, static_cast<std::int64_t>(options_.absences), now,
             static_cast<std::int64_t>(options_.hold_down.count()), name.id, bytes},
            [&](const auto& row) {
                known = true;
                resolvers = words(row.text(0));
                left = row.integer(1) != 0;
            });
        !ok)
        return ok;
    outcome_.added += known ? 0 : 1;
    outcome_.returned += left ? 1 : 0;
    changed = changed || !known || left;
    if (!known) return insert_address(name, seen, address);
    insert_word(resolvers, seen.resolver, kMaxResolvers);
    const auto ttl = static_cast<std::int64_t>(seen.ttl);
    return database_.run(
        "UPDATE sighting SET chain = ?, resolvers = ?, last_seen = max(last_seen, ?), "
        "held_from = max(held_from, ?), count = count + 1, ttl_lowest = min(ttl_lowest, ?), "
        "ttl_last = ?, seen_at_answer = ? WHERE name = ? AND address = ?",
        {to_column(seen.chain), to_column(resolvers), now, now, ttl, ttl, name.answers, name.id,
         bytes});
}

Status SweepWriter::insert_address(const NameRow& name, const Observation& seen,
                                   const Address& address) {
    const auto now = to_column(seen.time);
    const auto ttl = static_cast<std::int64_t>(seen.ttl);
    return database_.run(
        "INSERT INTO sighting(name, address, chain, resolvers, first_seen, last_seen, count, "
        "ttl_lowest, ttl_last, seen_at_answer, held_from) VALUES(?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?)",
        {name.id, to_column(address), to_column(seen.chain), seen.resolver, now, now, ttl, ttl,
         name.answers, now});
}

Status SweepWriter::evict(const NameRow& name) {
    std::int64_t count = 0;
    if (auto ok = database_.each("SELECT count(*) FROM sighting WHERE name = ?", {name.id},
                                 [&](const auto& row) { count = row.integer(0); });
        !ok)
        return ok;
    const auto excess = count - static_cast<std::int64_t>(options_.cap_per_name);
    if (excess <= 0) return {};
    outcome_.evicted += static_cast<std::size_t>(excess);
    if (auto ok = database_.run(
            "DELETE FROM sighting WHERE name = ? AND address IN (SELECT address FROM sighting "
            "WHERE name = ? ORDER BY last_seen, seen_at_answer, address LIMIT ?)",
            {name.id, name.id, excess});
        !ok)
        return ok;
    return database_.run("UPDATE name SET evicted = evicted + ? WHERE id = ?", {excess, name.id});
}

Status SweepWriter::write_denial(NameRow name, const Observation& seen) {
    if (name.denied_first == 0) name.denied_first = sweep_;
    name.denied_last = sweep_;
    insert_word(name.denied_by, seen.resolver, kMaxResolvers);
    const bool confirmed = name.denied_last > name.denied_first &&
                           (options_.resolvers < 2 || name.denied_by.size() >= 2);
    if (confirmed) {
        ++name.answers;
        if (name.gone_since == 0) {
            if (auto ok = start_hold_down(name, seen.time); !ok) return ok;
            name.gone_since = to_column(seen.time);
        }
    }
    return database_.run("UPDATE name SET failures = 0, answers = ?, gone_since = ?, "
                         "denied_first = ?, denied_last = ?, denied_by = ? WHERE id = ?",
                         {name.answers, name.gone_since, name.denied_first, name.denied_last,
                          to_column(name.denied_by), name.id});
}

Status SweepWriter::start_hold_down(const NameRow& name, Instant now) {
    // Only for what is still in force: an address that has left must not come back by a denial.
    return database_.run("UPDATE sighting SET held_from = max(held_from, ?) WHERE name = ? AND NOT "
                         "(? - seen_at_answer >= ? AND ? - held_from >= ?)",
                         {to_column(now), name.id, name.answers - 1,
                          static_cast<std::int64_t>(options_.absences), to_column(now),
                          static_cast<std::int64_t>(options_.hold_down.count())});
}

} // namespace sweepgate
