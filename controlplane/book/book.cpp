// SPDX-License-Identifier: Apache-2.0
#include "controlplane/book/book.hpp"

#include "controlplane/book/columns.hpp"
#include "controlplane/book/schema.hpp"
#include "controlplane/book/state.hpp"
#include "controlplane/book/sweep_writer.hpp"

namespace sweepgate {

namespace {

// Both parameters of the rule come first: absences, now, hold-down.
#define SWEEPGATE_ENTRIES                                                                          \
    "SELECT n.system, n.hostname, n.role, s.address, s.chain, s.resolvers, s.first_seen, "         \
    "s.last_seen, s.count, s.ttl_lowest, s.ttl_last, n.answers - s.seen_at_answer, "               \
    "NOT (n.answers - s.seen_at_answer >= ?1 AND ?2 - s.held_from >= ?3) AS in_force "             \
    "FROM sighting s JOIN name n ON n.id = s.name WHERE "
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
            row.integer(12) != 0};
}

Result<std::vector<BookEntry>> entries(Book::State& state, std::string_view sql, Instant now,
                                       std::optional<sqlite::Value> key = {}) {
    sqlite::Values values{static_cast<std::int64_t>(state.options.absences), to_column(now),
                          static_cast<std::int64_t>(state.options.hold_down.count())};
    if (key) values.push_back(std::move(*key));
    std::vector<BookEntry> found;
    Status damage;
    auto ok = state.database.each(sql, values, [&](const auto& row) {
        const auto bytes = row.bytes(3);
        if (const auto address = address_from_bytes(bytes))
            found.push_back(to_entry(row, *address));
        else
            damage = fail(Errc::io, "the address book is damaged: " + address.error().what);
    });
    if (!ok) return tl::unexpected(ok.error());
    if (!damage) return tl::unexpected(damage.error());
    return found;
}

Status check(const BookOptions& options) {
    if (options.hold_down < std::chrono::seconds{1} || options.absences < 1 ||
        options.resolvers < 1 || options.cap_per_name < 1 || options.generations_kept < 1 ||
        options.audit_kept < 1)
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
    return Book(std::make_unique<State>(State{std::move(*database), options}));
}

Result<BatchOutcome> Book::record(std::span<const Observation> sweep) {
    auto transaction = sqlite::Transaction::begin(state_->database);
    if (!transaction) return tl::unexpected(transaction.error());
    SweepWriter writer(state_->database, state_->options);
    if (auto ok = writer.begin(); !ok) return tl::unexpected(ok.error());
    for (const auto& seen : sweep)
        if (auto ok = writer.write(seen); !ok) return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok) return tl::unexpected(ok.error());
    return writer.outcome();
}

Result<std::vector<BookEntry>> Book::in_force(Instant now) const {
    return entries(*state_, SWEEPGATE_ENTRIES "in_force" SWEEPGATE_ORDER, now);
}

Result<std::vector<BookEntry>> Book::history(const std::string& hostname, Instant now) const {
    return entries(*state_, SWEEPGATE_ENTRIES "n.hostname = ?4" SWEEPGATE_ORDER, now, hostname);
}

Result<std::vector<BookEntry>> Book::history(const Address& address, Instant now) const {
    return entries(*state_, SWEEPGATE_ENTRIES "s.address = ?4" SWEEPGATE_ORDER, now,
                   to_column(address));
}

Result<std::vector<NameState>> Book::names() const {
    std::vector<NameState> found;
    auto ok = state_->database.each(
        "SELECT system, hostname, role, family, last_outcome, failures, last_asked, "
        "last_answered, last_changed, gone_since, evicted FROM name "
        "ORDER BY system, hostname, role, family",
        {}, [&](const auto& row) {
            found.push_back({{row.text(0), row.text(1), static_cast<Role>(row.integer(2))},
                             static_cast<Family>(row.integer(3)),
                             static_cast<NameOutcome>(row.integer(4)),
                             static_cast<std::uint64_t>(row.integer(5)),
                             instant(row.integer(6)),
                             instant(row.integer(7)),
                             instant(row.integer(8)),
                             instant(row.integer(9)),
                             static_cast<std::uint64_t>(row.integer(10))});
        });
    if (!ok) return tl::unexpected(ok.error());
    return found;
}

} // namespace sweepgate
