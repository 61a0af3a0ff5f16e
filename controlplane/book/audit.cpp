// SPDX-License-Identifier: Apache-2.0
// The book's third part: who tried what, each entry bound to the one before it.
#include <sodium.h>

#include <algorithm>

#include "controlplane/book/book.hpp"
#include "controlplane/book/columns.hpp"
#include "controlplane/book/state.hpp"

namespace sweepgate {

namespace {

constexpr std::int64_t kMostListed = 1'000'000;

/// Over what stands before and in the entry, each text behind its length.
class ChainHash {
public:
    explicit ChainHash(const Digest& before) {
        crypto_generichash_init(&state_, nullptr, 0, before.size());
        add(before.data(), before.size());
    }
    ChainHash& number(std::int64_t value) {
        std::array<std::uint8_t, 8> bytes{};
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (56 - 8 * i));
        add(bytes.data(), bytes.size());
        return *this;
    }
    ChainHash& text(std::string_view value) {
        number(static_cast<std::int64_t>(value.size()));
        add(reinterpret_cast<const std::uint8_t*>(value.data()), value.size());
        return *this;
    }
    Digest take() {
        Digest digest{};
        crypto_generichash_final(&state_, digest.data(), digest.size());
        return digest;
    }

private:
    void add(const std::uint8_t* bytes, std::size_t size) {
        crypto_generichash_update(&state_, bytes, size);
    }
    crypto_generichash_state state_{};
};

Digest hash_of(const Digest& before, const AuditEntry& entry) {
    return ChainHash(before)
        .number(entry.id)
        .number(to_column(entry.time))
        .text(entry.who)
        .text(entry.origin)
        .text(entry.verb)
        .text(entry.detail)
        .text(entry.result)
        .take();
}

Digest to_digest(const sqlite::Bytes& bytes) {
    Digest digest{};
    if (bytes.size() == digest.size()) std::ranges::copy(bytes, digest.begin());
    return digest;
}

sqlite::Bytes to_bytes(const Digest& digest) { return {digest.begin(), digest.end()}; }

constexpr std::string_view kColumns = "id, time, who, verb, detail, result, origin, hash";

AuditEntry to_entry(const sqlite::Row& row) {
    return {instant(row.integer(1)),
            row.text(2),
            row.text(3),
            row.text(4),
            row.text(5),
            row.text(6),
            row.integer(0),
            to_digest(row.bytes(7))};
}

/// What the oldest entry of the chain follows; first 0: no entry is chained yet.
struct Anchor {
    std::int64_t first = 0;
    Digest before{};
};

Result<Anchor> anchor_of(sqlite::Database& database) {
    Anchor anchor;
    auto ok = database.each("SELECT first, before FROM audit_chain", {}, [&](const auto& row) {
        anchor = {row.integer(0), to_digest(row.bytes(1))};
    });
    if (!ok) return tl::unexpected(ok.error());
    return anchor;
}

Status set_anchor(sqlite::Database& database, const Anchor& anchor) {
    return database.run("INSERT OR REPLACE INTO audit_chain(one, first, before) VALUES(1, ?, ?)",
                        {anchor.first, to_bytes(anchor.before)});
}

Result<AuditHead> head_of(sqlite::Database& database) {
    AuditHead head;
    auto ok = database.each("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1", {},
                            [&](const auto& row) {
                                head = {row.integer(0), to_digest(row.bytes(1))};
                            });
    if (!ok) return tl::unexpected(ok.error());
    return head;
}

/// The oldest go; the chain is anchored to the last of them.
Status trim(sqlite::Database& database, std::int64_t newest_gone) {
    Anchor anchor;
    auto ok = database.each("SELECT id, hash FROM audit WHERE id = ?", {newest_gone},
                            [&](const auto& row) {
                                anchor = {row.integer(0) + 1, to_digest(row.bytes(1))};
                            });
    if (!ok || anchor.first == 0) return ok;
    if (auto gone = database.run("DELETE FROM audit WHERE id <= ?", {newest_gone}); !gone)
        return gone;
    const auto standing = anchor_of(database);
    if (!standing) return tl::unexpected(standing.error());
    // Of entries without hashes nothing is known that could be anchored to.
    return standing->first > anchor.first ? Status{} : set_anchor(database, anchor);
}

} // namespace

Result<AuditHead> Book::audit(const AuditEntry& entry) {
    auto& database = state_->database;
    auto transaction = sqlite::Transaction::begin(database);
    if (!transaction) return tl::unexpected(transaction.error());
    const auto before = head_of(database);
    if (!before) return before;
    const auto anchor = anchor_of(database);
    if (!anchor) return tl::unexpected(anchor.error());
    auto written = entry;
    written.id = before->id + 1;
    // The first one with a hash follows nothing.
    if (anchor->first == 0)
        if (auto ok = set_anchor(database, {written.id, {}}); !ok)
            return tl::unexpected(ok.error());
    written.hash = hash_of(anchor->first == 0 ? Digest{} : before->hash, written);
    auto ok =
        database.run("INSERT INTO audit(id, time, who, verb, detail, result, origin, hash) "
                     "VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                     {written.id, to_column(written.time), written.who, written.verb,
                      written.detail, written.result, written.origin, to_bytes(written.hash)});
    if (ok) ok = trim(database, written.id - static_cast<std::int64_t>(state_->options.audit_kept));
    if (ok) ok = transaction->commit();
    if (!ok) return tl::unexpected(ok.error());
    return AuditHead{written.id, written.hash};
}

Result<AuditHead> Book::audit_head() const { return head_of(state_->database); }

Result<bool> Book::has_audit(const AuditHead& head) const {
    if (head.id == 0) return true;
    std::int64_t oldest = 0;
    bool found = false;
    auto ok = state_->database.each("SELECT coalesce(min(id), 0) FROM audit", {},
                                    [&](const auto& row) { oldest = row.integer(0); });
    if (ok)
        ok = state_->database.each(
            "SELECT hash FROM audit WHERE id = ?", {head.id},
            [&](const auto& row) { found = to_digest(row.bytes(0)) == head.hash; });
    if (!ok) return tl::unexpected(ok.error());
    return found || (oldest > head.id);
}

Status Book::walk_audit(AuditWalk& walk, std::size_t most) const {
    const auto anchor = anchor_of(state_->database);
    if (!anchor) return tl::unexpected(anchor.error());
    // What has been trimmed meanwhile was seen or cannot be any more.
    if (walk.next < anchor->first || anchor->first == 0) {
        walk.next = anchor->first;
        walk.before = anchor->before;
    }
    if (walk.whole == 0)
        if (auto ok = state_->database.each(
                "SELECT count(*) FROM audit WHERE ?1 = 0 OR id < ?1", {anchor->first},
                [&](const auto& row) {
                    walk.unchained = static_cast<std::size_t>(row.integer(0));
                });
            !ok)
            return ok;
    walk.done = true;
    if (anchor->first == 0) return {};
    const auto wrong = [&](std::int64_t id, const char* what) {
        if (walk.fault.empty()) walk.fault = "entry " + std::to_string(id) + what;
    };
    return state_->database.each(
        "SELECT " + std::string(kColumns) + " FROM audit WHERE id >= ? ORDER BY id LIMIT ?",
        {walk.next, static_cast<std::int64_t>(most)}, [&](const auto& row) {
            const auto entry = to_entry(row);
            walk.done = false;
            if (!walk.fault.empty()) return;
            if (entry.id != walk.next) return wrong(walk.next, " is missing");
            if (hash_of(walk.before, entry) != entry.hash) return wrong(entry.id, " was changed");
            if (walk.whole++ == 0) walk.first = entry.time;
            walk.last = entry.time;
            walk.before = entry.hash;
            walk.next = entry.id + 1;
        });
}

Result<std::vector<AuditEntry>> Book::audit_log(std::size_t limit) const {
    std::vector<AuditEntry> found;
    auto ok = state_->database.each("SELECT " + std::string(kColumns) +
                                        " FROM audit ORDER BY id DESC LIMIT ?",
                                    {std::min(static_cast<std::int64_t>(limit), kMostListed)},
                                    [&](const auto& row) { found.push_back(to_entry(row)); });
    if (!ok) return tl::unexpected(ok.error());
    return found;
}

} // namespace sweepgate
