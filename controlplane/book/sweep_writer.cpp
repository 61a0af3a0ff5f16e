// SPDX-License-Identifier: Apache-2.0
#include "controlplane/book/sweep_writer.hpp"

#include "controlplane/book/columns.hpp"

namespace sweepgate {

namespace {

constexpr std::size_t kMaxAddresses = 4096; // more than a 64 KiB DNS message can hold
constexpr std::size_t kMaxChain = 64;
constexpr std::int64_t kLearnt = 8; // draws before an answer can tell that the set was replaced
constexpr std::int64_t kLongestTtl = 86'400; // s; whoever sends a longer one keeps no span open

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
    if (!is_clean(seen.vantage)) return bad("bad vantage");
    if (to_string(seen.name.role) == "unknown") return bad("bad role");
    if (seen.source != Source::dns && seen.source != Source::hint) return bad("bad source");
    if (seen.source == Source::hint && seen.outcome != NameOutcome::answered)
        return bad("a hint that says nothing");
    if (!seen.whole && seen.outcome != NameOutcome::answered) return bad("a part of nothing");
    if (to_string(seen.outcome) == "unknown") return bad("bad outcome");
    if (seen.addresses.empty() == (seen.outcome == NameOutcome::answered))
        return bad("addresses do not fit the outcome");
    if (seen.addresses.size() > kMaxAddresses) return bad("too many addresses");
    if (seen.chain.size() > kMaxChain) return bad("too long a chain");
    for (const auto& address : seen.addresses)
        if (address.family != seen.type) return bad(to_string(address) + " is of another family");
    return {};
}

bool is_draw(const Observation& seen) {
    return seen.fresh && seen.whole && seen.source == Source::dns;
}

} // namespace

Status SweepWriter::write(const Observation& seen) {
    if (auto ok = check(seen); !ok) return ok;
    auto name = name_row(seen);
    if (!name) return tl::unexpected(name.error());
    added_now_ = 0;
    if (!seen.whole) return write_addresses_only(*name, seen);
    if (seen.outcome <= NameOutcome::no_such_name) {
        evidence_ = std::max(evidence_, seen.time);
        if (auto ok = note_word(*name, seen); !ok) return ok;
    }
    if (seen.source == Source::hint) return write_addresses_only(*name, seen);
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
        "VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(system, hostname, role, family) DO UPDATE SET "
        "last_outcome = CASE WHEN ?7 THEN last_outcome ELSE excluded.last_outcome END, "
        "last_asked = max(last_asked, excluded.last_asked) "
        "RETURNING id, answers, draws, turns, gone_since, denied_outcome, denied_count, "
        "denied_first, denied_last, denied_by, known_to, unknown_to",
        {seen.name.system, seen.name.hostname, static_cast<std::int64_t>(seen.name.role),
         static_cast<std::int64_t>(seen.type), static_cast<std::int64_t>(seen.outcome),
         to_column(seen.time), number(seen.source == Source::hint || !seen.whole)},
        [&](const auto& row) {
            name = {row.integer(0), row.integer(1),     row.integer(2),      row.integer(3),
                    row.integer(4), row.integer(5),     row.integer(6),      row.integer(7),
                    row.integer(8), words(row.text(9)), words(row.text(10)), words(row.text(11))};
        });
    if (!ok) return tl::unexpected(ok.error());
    return name;
}

Result<SweepWriter::KnownAddresses> SweepWriter::known_addresses(const NameRow& name,
                                                                 const Observation& seen) {
    KnownAddresses known;
    Status damage;
    auto ok = database_.each(
        "SELECT address, resolvers, vantages, ? - seen_at_answer >= ? AND ? - held_from >= ?, "
        "source, draws, last_seen, ttl_last, ? - span_turn, span_hits, ? - seen_at_turn "
        "FROM sighting WHERE name = ?",
        {name.answers, number(std::uint64_t{options_.absences}), to_column(seen.time),
         static_cast<std::int64_t>(options_.hold_down_of(seen.name.role).count()), name.turns,
         name.turns, name.id},
        [&](const auto& row) {
            const auto count = [&](int column) {
                return static_cast<std::uint64_t>(row.integer(column));
            };
            if (const auto address = address_from_bytes(row.bytes(0)))
                known[*address] = {
                    words(row.text(1)),  words(row.text(2)),
                    row.integer(3) != 0, static_cast<Source>(row.integer(4)) == Source::dns,
                    row.integer(5),      row.integer(6),
                    row.integer(7),      {count(8), count(9), count(10)}};
            else
                damage = fail(Errc::io, "the address book is damaged: " + address.error().what);
        });
    if (!ok) return tl::unexpected(ok.error());
    if (!damage) return tl::unexpected(damage.error());
    return known;
}

Status SweepWriter::write_answer(NameRow name, const Observation& seen) {
    auto known = known_addresses(name, seen);
    if (!known) return tl::unexpected(known.error());
    ++name.answers;
    if (seen.fresh) {
        if (auto ok = start_epoch_if_replaced(name, seen, *known); !ok) return ok;
        ++name.draws;
        ++name.turns;
    }
    if (auto ok = write_addresses(name, seen, *known); !ok) return ok;
    const auto now = to_column(seen.time);
    return database_.run(
        "UPDATE name SET answers = ?, draws = ?, turns = ?, failures = 0, gone_since = 0, "
        "denied_outcome = 0, denied_count = 0, denied_first = 0, denied_last = 0, denied_by = '', "
        "last_answered = max(last_answered, ?), "
        "last_changed = CASE WHEN ? THEN ? ELSE last_changed END WHERE id = ?",
        {name.answers, name.draws, name.turns, now, number(added_now_ > 0), now, name.id});
}

// What a hint or a stale answer leaves out it says nothing of: no absence for anybody, and no draw.
Status SweepWriter::write_addresses_only(const NameRow& name, const Observation& seen) {
    auto known = known_addresses(name, seen);
    if (!known) return tl::unexpected(known.error());
    return write_addresses(name, seen, *known);
}

Status SweepWriter::write_addresses(const NameRow& name, const Observation& seen,
                                    KnownAddresses& known) {
    if (seen.addresses.size() > options_.cap_per_name) return write_some(name, seen, known);
    for (const auto& address : seen.addresses)
        if (auto ok = write_address(name, seen, address, known); !ok) return ok;
    tell(name, seen, known);
    return added_now_ > 0 ? evict(name, known.size()) : Status{};
}

/// Of an answer with more addresses than are kept, those that are known go first: a flood that is
/// repeated is not written anew each time. What is turned away counts as evicted.
Status SweepWriter::write_some(const NameRow& name, const Observation& seen,
                               KnownAddresses& known) {
    auto some = seen;
    std::ranges::stable_partition(some.addresses,
                                  [&](const Address& address) { return known.contains(address); });
    const auto excess = some.addresses.size() - options_.cap_per_name;
    some.addresses.resize(options_.cap_per_name);
    if (auto ok = count_evicted(name, excess); !ok) return ok;
    return write_addresses(name, some, known);
}

/// A name that moved has a new set: how much of the old one was seen says nothing of it. Most of
/// an answer being new is taken for a move where next to nothing new was to be expected.
Status SweepWriter::start_epoch_if_replaced(NameRow& name, const Observation& seen,
                                            KnownAddresses& known) {
    if (name.draws < kLearnt) return {};
    const auto strange =
        std::count_if(seen.addresses.begin(), seen.addresses.end(), [&](const Address& address) {
            const auto place = known.find(address);
            return place == known.end() || place->second.draws == 0;
        });
    if (2 * static_cast<std::size_t>(strange) <= seen.addresses.size()) return {};
    Completeness before{static_cast<std::uint64_t>(name.draws)};
    for (const auto& [address, each] : known) before.add(static_cast<std::uint64_t>(each.draws));
    if (before.expected_new() * 16 > static_cast<double>(seen.addresses.size())) return {};
    name.draws = 0;
    for (auto& [address, each] : known) each.draws = 0;
    return database_.run("UPDATE sighting SET draws = 0 WHERE name = ?", {name.id});
}

Status SweepWriter::write_address(const NameRow& name, const Observation& seen,
                                  const Address& address, KnownAddresses& known) {
    const auto [place, is_new] = known.try_emplace(address);
    auto& held = place->second;
    const bool is_back = !is_new && comes_back(name, seen, held);
    outcome_.added += is_new ? 1 : 0;
    outcome_.returned += held.left ? 1 : 0;
    added_now_ += is_new || held.left ? 1 : 0;
    held.left = false;
    const bool drawn = is_draw(seen);
    held.draws += drawn ? 1 : 0;
    if (is_new) return insert_address(name, seen, address);
    if (is_back)
        if (auto ok = begin_span(name, seen, address, held); !ok) return ok;
    held.presence.hits += drawn && !is_back ? 1 : 0;
    held.presence.missed = 0; // should the answer hold it twice
    held.last_seen = std::max(held.last_seen, to_column(seen.time));
    insert_word(held.resolvers, seen.resolver, kMaxResolvers);
    if (!seen.vantage.empty()) insert_word(held.vantages, seen.vantage, kMaxResolvers);
    const auto now = to_column(seen.time);
    const auto ttl = static_cast<std::int64_t>(seen.ttl);
    return database_.run(
        "UPDATE sighting SET chain = ?, resolvers = ?, last_seen = max(last_seen, ?), "
        "held_from = max(held_from, ?), count = count + ?, ttl_lowest = min(ttl_lowest, ?), "
        "ttl_last = ?, seen_at_answer = ?, source = min(source, ?), authenticated = ?, "
        "vantages = ?, draws = ?, span_hits = ?, seen_at_turn = ? WHERE name = ? AND address = ?",
        {to_column(seen.chain), to_column(held.resolvers), now, now, number(seen.whole), ttl, ttl,
         name.answers, static_cast<std::int64_t>(seen.source), number(seen.authenticated),
         to_column(held.vantages), held.draws, number(held.presence.hits), name.turns, name.id,
         to_column(address)});
}

bool SweepWriter::comes_back(const NameRow& name, const Observation& seen,
                             const Known& held) const {
    if (held.left || name.gone_since > held.last_seen) return true;
    return held.presence.missed >= options_.absences &&
           to_column(seen.time) - held.last_seen > std::min(held.ttl, kLongestTtl) &&
           has_gone(held.presence);
}

/// Rare, so that the sightings in between cost nothing more.
Status SweepWriter::begin_span(const NameRow& name, const Observation& seen, const Address& address,
                               Known& held) {
    held.presence = {};
    return database_.run(
        "UPDATE sighting SET spans = CASE WHEN spans_ended < ? THEN spans "
        "ELSE substr(spans, instr(spans, char(10)) + 1) END "
        "|| span_from || ' ' || last_seen || char(10), spans_ended = spans_ended + 1, "
        "span_from = max(last_seen, ?), span_turn = ? WHERE name = ? AND address = ?",
        {number(std::uint64_t{kMaxSpans - 1}), to_column(seen.time), name.turns, name.id,
         to_column(address)});
}

Status SweepWriter::insert_address(const NameRow& name, const Observation& seen,
                                   const Address& address) {
    const auto now = to_column(seen.time);
    const auto ttl = static_cast<std::int64_t>(seen.ttl);
    const bool drawn = is_draw(seen);
    return database_.run(
        "INSERT INTO sighting(name, address, chain, resolvers, first_seen, last_seen, count, "
        "ttl_lowest, ttl_last, seen_at_answer, held_from, source, authenticated, vantages, draws, "
        "span_from, span_turn, seen_at_turn) "
        "VALUES(?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {name.id, to_column(address), to_column(seen.chain), seen.resolver, now, now, ttl, ttl,
         name.answers, now, static_cast<std::int64_t>(seen.source), number(seen.authenticated),
         seen.vantage, number(drawn), now, name.turns, name.turns});
}

/// A name with one answer that never changes is no news.
void SweepWriter::tell(const NameRow& name, const Observation& seen, const KnownAddresses& known) {
    if (seen.source != Source::dns) return;
    Completeness found{static_cast<std::uint64_t>(name.draws)};
    for (const auto& [address, each] : known)
        if (!each.left) found.add(static_cast<std::uint64_t>(each.draws));
    if (added_now_ == 0 && found.seen <= seen.addresses.size()) return;
    outcome_.news.push_back({seen.name.hostname, seen.type, added_now_, found});
}

Status SweepWriter::evict(const NameRow& name, std::size_t count) {
    if (count <= options_.cap_per_name) return {};
    const auto excess = count - options_.cap_per_name;
    outcome_.evicted += excess;
    if (auto ok = database_.run(
            "DELETE FROM sighting WHERE name = ? AND address IN (SELECT address FROM sighting "
            "WHERE name = ? ORDER BY last_seen, seen_at_answer, address LIMIT ?)",
            {name.id, name.id, number(std::uint64_t{excess})});
        !ok)
        return ok;
    return count_evicted(name, excess);
}

Status SweepWriter::count_evicted(const NameRow& name, std::size_t count) {
    return database_.run("UPDATE name SET evicted = evicted + ? WHERE id = ?",
                         {number(std::uint64_t{count}), name.id});
}

} // namespace sweepgate
