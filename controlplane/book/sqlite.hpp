// SPDX-License-Identifier: Apache-2.0
// SQLite, wrapped once. Traps that stop here: a statement must be reset before the next use even
// after an error; text pointers die at the next step, so rows copy; COMMIT itself can fail (full
// disk), and then the transaction is still open and must be rolled back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controlplane/model/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace sweepgate::sqlite {

using Bytes = std::vector<std::uint8_t>;
using Value = std::variant<std::monostate, std::int64_t, std::string, Bytes>;
using Values = std::vector<Value>;

/// The current row of a query; columns count from 0. Valid inside the callback only.
class Row {
public:
    explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] Bytes bytes(int column) const;

private:
    sqlite3_stmt* statement_;
};

class Database {
public:
    /// Creates the file when it is missing, takes it for this process alone and checks it.
    /// Errors: conflict when another connection holds it, io.
    static Result<Database> open(const std::filesystem::path& path);

    /// Several statements without parameters.
    Status script(const char* sql);
    /// One statement; it is prepared once, so `sql` should be a literal.
    Status run(std::string_view sql, const Values& values = {});
    /// One query; `visit` sees every row.
    Status each(std::string_view sql, const Values& values,
                const std::function<void(const Row&)>& visit);
    [[nodiscard]] std::int64_t last_row_id() const;
    /// As it stands now, into a file that does not exist yet: one consistent reading, without a
    /// journal beside it. Not inside a transaction. Errors: io, and then there is no such file.
    Status copy_to(const std::filesystem::path& path) const;

private:
    struct Closer {
        void operator()(sqlite3* raw) const noexcept;
    };
    struct Finalizer {
        void operator()(sqlite3_stmt* raw) const noexcept;
    };
    using Statement = std::unique_ptr<sqlite3_stmt, Finalizer>;

    Database(std::unique_ptr<sqlite3, Closer> handle, std::string name);
    tl::unexpected<Error> failure(int code) const;
    Status configure();
    Result<sqlite3_stmt*> prepared(std::string_view sql, const Values& values);

    std::string name_;
    std::unique_ptr<sqlite3, Closer> handle_;
    std::map<std::string, Statement, std::less<>> statements_; // finalized before the handle
};

/// The file itself is at fault, not the disk it lies on.
[[nodiscard]] bool says_damaged(const Error& error);

/// Rolled back unless committed.
class Transaction {
public:
    static Result<Transaction> begin(Database& database);
    Transaction(Transaction&& other) noexcept;
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    Status commit();

private:
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_; // null once committed or moved from
};

/// Several writes, all or none.
template <typename Write>
Status in_transaction(Database& database, Write write) {
    auto transaction = Transaction::begin(database);
    if (!transaction) return tl::unexpected(transaction.error());
    if (auto ok = write(); !ok) return ok;
    return transaction->commit();
}

} // namespace sweepgate::sqlite
