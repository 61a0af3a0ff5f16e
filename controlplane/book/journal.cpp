// SPDX-License-Identifier: Apache-2.0
// The book's second part: what was published.
#include "controlplane/book/book.hpp"

#include "controlplane/book/columns.hpp"
#include "controlplane/book/state.hpp"

namespace sweepgate {

namespace {

constexpr std::int64_t kGenerationsListed = 10'000; // rows without sealed bytes are small

std::int64_t limit_of(std::size_t limit) {
    return static_cast<std::int64_t>(std::min<std::size_t>(limit, 1'000'000));
}

PublishedGeneration to_generation(const sqlite::Row& row) {
    PublishedGeneration generation{static_cast<Generation>(row.integer(0)),
                                   {},
                                   instant(row.integer(2)),
                                   row.text(3),
                                   row.bytes(4)};
    const auto digest = row.bytes(1);
    std::copy_n(digest.begin(), std::min(digest.size(), generation.digest.size()),
                generation.digest.begin());
    return generation;
}

Result<std::vector<PublishedGeneration>>
generations_by(sqlite::Database& database, std::string_view sql, const sqlite::Values& values) {
    std::vector<PublishedGeneration> found;
    auto ok =
        database.each(sql, values, [&](const auto& row) { found.push_back(to_generation(row)); });
    if (!ok) return tl::unexpected(ok.error());
    return found;
}

/// "; kept are 5 and 9", the nearest on either side.
std::string kept(sqlite::Database& database, Generation wanted) {
    std::string words;
    const auto number = static_cast<std::int64_t>(wanted);
    const auto read = database.each(
        "SELECT (SELECT max(number) FROM generation WHERE sealed IS NOT NULL AND number < ?1), "
        "(SELECT min(number) FROM generation WHERE sealed IS NOT NULL AND number > ?1)",
        {number}, [&](const sqlite::Row& row) {
            for (const int column : {0, 1})
                if (const auto near = row.integer(column); near != 0)
                    words += (words.empty() ? "" : " and ") + std::to_string(near);
        });
    // The reason why it is asked stands by itself.
    return read && !words.empty() ? "; the nearest that are kept: " + words : std::string{};
}

/// Takes the sealed bytes of those that are no longer kept.
Status forget(sqlite::Database& database, std::size_t most, Instant now) {
    std::vector<KeptGeneration> held;
    if (auto ok =
            database.each("SELECT number, time, cause, length(sealed) FROM generation WHERE "
                          "sealed IS NOT NULL ORDER BY number DESC",
                          {},
                          [&](const sqlite::Row& row) {
                              held.push_back({static_cast<Generation>(row.integer(0)),
                                              instant(row.integer(1)), made_by_person(row.text(2)),
                                              static_cast<std::size_t>(row.integer(3))});
                          });
        !ok)
        return ok;
    const auto stay = kept_generations(held, most, now);
    for (const auto& each : held) {
        if (stay.contains(each.number)) continue;
        if (auto ok = database.run("UPDATE generation SET sealed = NULL WHERE number = ?",
                                   {static_cast<std::int64_t>(each.number)});
            !ok)
            return ok;
    }
    return {};
}

Status insert(sqlite::Database& database, const PublishedGeneration& generation) {
    return database.run(
        "INSERT INTO generation(number, digest, time, cause, sealed) VALUES(?, ?, ?, ?, ?)",
        {static_cast<std::int64_t>(generation.number),
         sqlite::Bytes(generation.digest.begin(), generation.digest.end()),
         to_column(generation.time), generation.cause, generation.sealed});
}

} // namespace

Status Book::publish(const PublishedGeneration& generation) {
    auto& database = state_->database;
    auto transaction = sqlite::Transaction::begin(database);
    if (!transaction) return tl::unexpected(transaction.error());
    std::int64_t newest = 0;
    if (auto ok = database.each("SELECT coalesce(max(number), 0) FROM generation", {},
                                [&](const auto& row) { newest = row.integer(0); });
        !ok)
        return ok;
    if (generation.number <= static_cast<Generation>(newest))
        return fail(Errc::refused, "generation " + std::to_string(generation.number) +
                                       " does not follow " + std::to_string(newest));
    if (auto ok = insert(database, generation); !ok) return ok;
    if (auto ok = forget(database, state_->options.generations_kept, generation.time); !ok)
        return ok;
    if (auto ok = database.run("DELETE FROM generation WHERE number NOT IN (SELECT number FROM "
                               "generation ORDER BY number DESC LIMIT ?)",
                               {kGenerationsListed});
        !ok)
        return ok;
    return transaction->commit();
}

Result<std::vector<PublishedGeneration>> Book::generations(std::size_t limit) const {
    return generations_by(state_->database,
                          "SELECT number, digest, time, cause, NULL FROM generation "
                          "ORDER BY number DESC LIMIT ?",
                          {limit_of(limit)});
}

Result<PublishedGeneration> Book::generation(Generation number) const {
    auto found = generations_by(state_->database,
                                "SELECT number, digest, time, cause, sealed FROM generation "
                                "WHERE number = ?",
                                {static_cast<std::int64_t>(number)});
    if (!found) return tl::unexpected(found.error());
    if (found->empty() || found->front().sealed.empty())
        return fail(Errc::not_found, "generation " + std::to_string(number) +
                                         (found->empty() ? " is not known" : " is no longer kept") +
                                         kept(state_->database, number));
    return std::move(found->front());
}

Result<std::optional<PublishedGeneration>> Book::latest() const {
    auto found = generations_by(state_->database,
                                "SELECT number, digest, time, cause, sealed FROM generation "
                                "ORDER BY number DESC LIMIT 1",
                                {});
    if (!found) return tl::unexpected(found.error());
    if (found->empty()) return std::nullopt;
    return std::move(found->front());
}

Status Book::copy_to(const std::filesystem::path& path) const {
    return state_->database.copy_to(path);
}

} // namespace sweepgate
