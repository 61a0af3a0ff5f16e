// SPDX-License-Identifier: Apache-2.0
#include "controlplane/book/sqlite.hpp"

#include <utility>

#include <sqlite3.h>
#include <unistd.h>

namespace sweepgate::sqlite {

namespace {

Errc errc_of(int code) {
    switch (code & 0xFF) { // the low byte is the primary code
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Errc::conflict;
    default: return Errc::io;
    }
}

int bind(sqlite3_stmt* statement, int index, const Value& value) {
    // The values outlive the statement's run, so SQLite need not copy (null destructor).
    if (const auto* number = std::get_if<std::int64_t>(&value))
        return sqlite3_bind_int64(statement, index, *number);
    if (const auto* text = std::get_if<std::string>(&value))
        return sqlite3_bind_text(statement, index, text->data(), static_cast<int>(text->size()),
                                 nullptr);
    if (const auto* bytes = std::get_if<Bytes>(&value))
        return sqlite3_bind_blob64(statement, index, bytes->data(), bytes->size(), nullptr);
    return sqlite3_bind_null(statement, index);
}

} // namespace

std::int64_t Row::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Row::text(int column) const {
    const auto* text = sqlite3_column_text(statement_, column);
    if (text == nullptr) return {};
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return {reinterpret_cast<const char*>(text), size};
}

Bytes Row::bytes(int column) const {
    const auto* first = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
    if (first == nullptr) return {};
    return {first, first + sqlite3_column_bytes(statement_, column)};
}

void Database::Closer::operator()(sqlite3* raw) const noexcept { sqlite3_close_v2(raw); }
void Database::Finalizer::operator()(sqlite3_stmt* raw) const noexcept { sqlite3_finalize(raw); }

Database::Database(std::unique_ptr<sqlite3, Closer> handle, std::string name)
    : name_(std::move(name)), handle_(std::move(handle)) {}

Result<Database> Database::open(const std::filesystem::path& path) {
    sqlite3* raw = nullptr;
    const int code =
        sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    Database database(std::unique_ptr<sqlite3, Closer>(raw), path.string());
    if (code != SQLITE_OK) return database.failure(code);
    if (auto ok = database.configure(); !ok) return tl::unexpected(ok.error());
    return database;
}

Status Database::configure() {
    // Exclusive before WAL: then there is no shared memory file, and a second process is refused.
    if (auto ok = script("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
                         "PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;"
                         "PRAGMA cell_size_check = ON; PRAGMA journal_size_limit = 16777216;"
                         "BEGIN IMMEDIATE; COMMIT;");
        !ok)
        return ok;
    std::string verdict;
    if (auto ok = each("PRAGMA quick_check(1)", {}, [&](const Row& row) { verdict = row.text(0); });
        !ok)
        return ok;
    // "*** in database main ***\nPage 5: ..."
    const auto line = verdict.rfind('\n');
    if (line != std::string::npos) verdict.erase(0, line + 1);
    if (verdict != "ok") return fail(Errc::io, name_ + ": damaged: " + verdict);
    return {};
}

tl::unexpected<Error> Database::failure(int code) const {
    if (errc_of(code) == Errc::conflict)
        return fail(Errc::conflict, name_ + ": another process holds it");
    std::string words = handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(code);
    const int number = handle_ ? sqlite3_system_errno(handle_.get()) : 0;
    // What SQLite says of it is the fault of a later step.
    if (::access(name_.c_str(), W_OK) != 0 && errno == EROFS)
        words = "the file system is read-only";
    else if ((code & 0xFF) != SQLITE_FULL && number != 0)
        words += " (" + errno_text(number) + ")";
    return fail(Errc::io, name_ + ": " + words);
}

bool says_damaged(const Error& error) {
    if (error.code != Errc::io) return false;
    const auto says = [&](std::string_view words) {
        return error.what.find(words) != std::string::npos;
    };
    return says(": damaged: ") || says(sqlite3_errstr(SQLITE_CORRUPT)) ||
           says(sqlite3_errstr(SQLITE_NOTADB));
}

Status Database::script(const char* sql) {
    const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return failure(code);
    return {};
}

Result<sqlite3_stmt*> Database::prepared(std::string_view sql, const Values& values) {
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
        sqlite3_stmt* raw = nullptr;
        const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                            SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
        if (code != SQLITE_OK) return failure(code);
        found = statements_.emplace(std::string(sql), Statement(raw)).first;
    }
    auto* statement = found->second.get();
    for (std::size_t i = 0; i < values.size(); ++i)
        if (const int code = bind(statement, static_cast<int>(i) + 1, values[i]); code != SQLITE_OK)
            return failure(code);
    return statement;
}

Status Database::run(std::string_view sql, const Values& values) {
    return each(sql, values, [](const Row&) {});
}

Status Database::each(std::string_view sql, const Values& values,
                      const std::function<void(const Row&)>& visit) {
    const auto statement = prepared(sql, values);
    if (!statement) return tl::unexpected(statement.error());
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(*statement)) == SQLITE_ROW) visit(Row(*statement));
    Status outcome;
    if (code != SQLITE_DONE) outcome = failure(code); // before reset, which keeps the old words
    sqlite3_reset(*statement);
    sqlite3_clear_bindings(*statement);
    return outcome;
}

Status Database::copy_to(const std::filesystem::path& path) const {
    std::error_code error;
    if (std::filesystem::exists(path, error)) return fail(Errc::io, path.string() + ": exists");
    Statement statement;
    sqlite3_stmt* raw = nullptr;
    int code = sqlite3_prepare_v2(handle_.get(), "VACUUM INTO ?", -1, &raw, nullptr);
    statement.reset(raw);
    const Value name = path.string(); // outlives the statement's run
    if (code == SQLITE_OK) code = bind(raw, 1, name);
    if (code == SQLITE_OK) code = sqlite3_step(raw);
    if (code == SQLITE_DONE) return {};
    auto fault = failure(code);
    std::filesystem::remove(path, error); // what a full disk left of it
    return fault;
}

std::int64_t Database::last_row_id() const { return sqlite3_last_insert_rowid(handle_.get()); }

Result<Transaction> Transaction::begin(Database& database) {
    if (auto ok = database.run("BEGIN IMMEDIATE"); !ok) return tl::unexpected(ok.error());
    return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
    // A failed write may have rolled back already; then this says so and changes nothing.
    if (database_ != nullptr) (void)database_->run("ROLLBACK");
}

Status Transaction::commit() {
    auto outcome = database_->run("COMMIT");
    if (outcome) database_ = nullptr;
    return outcome;
}

} // namespace sweepgate::sqlite
