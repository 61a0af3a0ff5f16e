// SPDX-License-Identifier: Apache-2.0
#include "controlplane/book/book.hpp"

#include <charconv>

#include "controlplane/book/columns.hpp"
#include "controlplane/book/schema.hpp"
#include "controlplane/book/state.hpp"
#include "controlplane/book/sweep_writer.hpp"

namespace sweepgate {

namespace {

// The parameters of the rule come first: absences, now, hold-down, that of what is left alone
// (roles 3 to 5, see is_left_alone()).
#define SWEEPGATE_IN_FORCE                                                                         \
    "NOT (n.answers - s.seen_at_answer >= ?1 AND "                                                 \
    "?2 - s.held_from >= CASE WHEN n.role BETWEEN 3 AND 5 THEN ?4 ELSE ?3 END)"
#define SWEEPGATE_ENTRIES(more)                                                                    \
    "SELECT n.system, n.hostname, n.role, s.address, s.chain, s.resolvers, s.first_seen, "         \
    "s.last_seen, s.count, s.ttl_lowest, s.ttl_last, n.answers - "                                 \
    "s.seen_at_answer, " SWEEPGATE_IN_FORCE                                                        \
    " AS in_force, s.source, s.authenticated, s.vantages" more                                     \
    " FROM sighting s JOIN name n ON n.id = s.name WHERE "
#define SWEEPGATE_HISTORY SWEEPGATE_ENTRIES(", s.span_from, s.spans, s.spans_ended")
#define SWEEPGATE_ORDER " ORDER BY n.system, n.hostname, n.role, length(s.address), s.address"

BookEntry to_entry(const sqlite::Row& row, const Address& address) {
    return {{row.text(0), row.text(1), static_cast<Role>(row.integer(2))},
            address,
            words(row.text(4)),
            words(row.text(5)),
            instant(row.integer(6)),
            instant(row.integer(7)),
            static_cast<std::uint64_t>(row.integer(8)),
            static_cast<std::uint32_t>(row.integer(9)),
            static_cast<std::uint32_t>(row.integer(10)),
            static_cast<std::uint64_t>(row.integer(11)),
            row.integer(12) != 0,
            static_cast<Source>(row.integer(13)),
            row.integer(14) != 0,
            words(row.text(15))};
}

/// "FROM TO".
std::optional<SeenSpan> span_of(std::string_view line) {
    std::int64_t from = 0;
    std::int64_t to = 0;
    const auto* const end = line.data() + line.size();
    const auto first = std::from_chars(line.data(), end, from);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ' ') return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, to);
    if (second.ec != std::errc{} || second.ptr != end || to < from) return std::nullopt;
    return SeenSpan{instant(from), instant(to)};
}

/// The columns that SWEEPGATE_HISTORY has more.
Status add_spans(const sqlite::Row& row, BookEntry& entry) {
    for (const auto& line : words(row.text(17))) {
        const auto span = span_of(line);
        if (!span) return fail(Errc::io, "the address book is damaged: span '" + line + "'");
        entry.spans.push_back(*span);
    }
    entry.spans_forgotten = static_cast<std::uint64_t>(row.integer(18)) - entry.spans.size();
    entry.spans.push_back({instant(row.integer(16)), entry.last_seen});
    return {};
}

sqlite::Values rule_of(const BookOptions& options, Instant now) {
    return {static_cast<std::int64_t>(options.absences), to_column(now),
            static_cast<std::int64_t>(options.hold_down.count()),
            static_cast<std::int64_t>(options.hold_down_left_alone.count())};
}

/// `key`: whose history it is; spans are read for one only.
Result<std::vector<BookEntry>> entries(Book::State& state, std::string_view sql, Instant now,
                                       std::optional<sqlite::Value> key = {}) {
    auto values = rule_of(state.options, now);
    if (key) values.push_back(*key);
    std::vector<BookEntry> found;
    Status damage;
    auto ok = state.database.each(sql, values, [&](const auto& row) {
        const auto address = address_from_bytes(row.bytes(3));
        if (!address) {
            damage = fail(Errc::io, "the address book is damaged: " + address.error().what);
            return;
        }
        found.push_back(to_entry(row, *address));
        if (!key) return;
        if (auto read = add_spans(row, found.back()); !read) damage = std::move(read);
    });
    if (!ok) return tl::unexpected(ok.error());
    if (!damage) return tl::unexpected(damage.error());
    return found;
}

NameState to_name_state(const sqlite::Row& row) {
    const auto count = [&](int column) { return static_cast<std::uint64_t>(row.integer(column)); };
    return {{row.text(0), row.text(1), static_cast<Role>(row.integer(2))},
            static_cast<Family>(row.integer(3)),
            static_cast<NameOutcome>(row.integer(4)),
            count(5),
            instant(row.integer(6)),
            instant(row.integer(7)),
            instant(row.integer(8)),
            instant(row.integer(9)),
            count(10),
            {count(11), count(12), count(13), count(14), count(15), count(10) > 0}};
}

/// `hostname` empty: all.
Result<std::vector<NameState>> name_states(Book::State& state, const std::string& hostname) {
    std::vector<NameState> found;
    auto values = rule_of(state.options, state.evidence);
    values.emplace_back(hostname);
    auto ok = state.database.each(
        "SELECT n.system, n.hostname, n.role, n.family, n.last_outcome, n.failures, n.last_asked, "
        "n.last_answered, n.last_changed, n.gone_since, n.evicted, n.draws, "
        "coalesce(sum(s.draws > 0), 0), coalesce(sum(s.draws), 0), coalesce(sum(s.draws = 1), 0), "
        "coalesce(sum(s.draws = 2), 0) FROM name n "
        "LEFT JOIN sighting s ON s.name = n.id AND " SWEEPGATE_IN_FORCE
        " WHERE ?5 = '' OR n.hostname = ?5 GROUP BY n.id "
        "ORDER BY n.system, n.hostname, n.role, n.family",
        values, [&](const auto& row) { found.push_back(to_name_state(row)); });
    if (!ok) return tl::unexpected(ok.error());
    return found;
}

Status check(const BookOptions& options) {
    const auto shortest = std::min(options.hold_down, options.hold_down_left_alone);
    if (shortest < std::chrono::seconds{1} || options.absences < 1 || options.denials < 1 ||
        options.denied_for < std::chrono::seconds{0} || options.resolvers < 1 ||
        options.cap_per_name < 1 || options.generations_kept < 1 || options.audit_kept < 1)
        return fail(Errc::bad_input, "an option of the address book is 0");
    return {};
}

} // namespace

Book::Book(std::unique_ptr<State> state) : state_(std::move(state)) {}
Book::Book(Book&&) noexcept = default;
Book& Book::operator=(Book&&) noexcept = default;
Book::~Book() = default;

Result<Book> Book::open(const std::filesystem::path& path, const BookOptions& options) {
    if (auto ok = check(options); !ok) return tl::unexpected(ok.error());
    auto database = sqlite::Database::open(path);
    if (!database) return within("address book", database.error());
    if (auto ok = migrate(*database); !ok) return within(path.string(), ok.error());
    Instant evidence{};
    if (auto ok = database->each("SELECT value FROM counter WHERE name = 'evidence'", {},
                                 [&](const auto& row) { evidence = instant(row.integer(0)); });
        !ok)
        return within(path.string(), ok.error());
    return Book(std::make_unique<State>(State{std::move(*database), options, evidence}));
}

Result<BatchOutcome> Book::record(std::span<const Observation> sweep) {
    auto transaction = sqlite::Transaction::begin(state_->database);
    if (!transaction) return tl::unexpected(transaction.error());
    SweepWriter writer(state_->database, state_->options);
    for (const auto& seen : sweep)
        if (auto ok = writer.write(seen); !ok) return tl::unexpected(ok.error());
    const auto evidence = std::max(state_->evidence, writer.evidence());
    if (evidence > state_->evidence)
        if (auto ok = state_->database.run("UPDATE counter SET value = ? WHERE name = 'evidence'",
                                           {to_column(evidence)});
            !ok)
            return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok) return tl::unexpected(ok.error());
    state_->evidence = evidence;
    return writer.take_outcome();
}

Result<std::vector<BookEntry>> Book::in_force(Instant now) const {
    return entries(*state_, SWEEPGATE_ENTRIES("") "in_force" SWEEPGATE_ORDER, now);
}

Result<std::vector<BookEntry>> Book::history(const std::string& hostname, Instant now) const {
    return entries(*state_, SWEEPGATE_HISTORY "n.hostname = ?5" SWEEPGATE_ORDER, now, hostname);
}

Result<std::vector<BookEntry>> Book::history(const Address& address, Instant now) const {
    return entries(*state_, SWEEPGATE_HISTORY "s.address = ?5" SWEEPGATE_ORDER, now,
                   to_column(address));
}

Result<std::vector<Dispute>> Book::disputes() const {
    std::vector<Dispute> found;
    auto ok =
        state_->database.each("SELECT hostname, family, known_to, unknown_to FROM name "
                              "WHERE known_to <> '' AND unknown_to <> '' ORDER BY hostname, family",
                              {}, [&](const auto& row) {
                                  found.push_back({row.text(0), static_cast<Family>(row.integer(1)),
                                                   words(row.text(2)), words(row.text(3))});
                              });
    if (!ok) return tl::unexpected(ok.error());
    return found;
}

void Book::set_resolvers(unsigned resolvers) {
    state_->options.resolvers = std::max(resolvers, 1U);
}

Instant Book::evidence() const { return state_->evidence; }

Result<std::vector<NameState>> Book::names() const { return name_states(*state_, {}); }

Result<std::vector<NameState>> Book::names(const std::string& hostname) const {
    return name_states(*state_, hostname);
}

} // namespace sweepgate
