// SPDX-License-Identifier: Apache-2.0
// The address book: every address ever seen for a name, how long it stays in force, what was
// published and who did what. SQLite in WAL mode with synchronous=FULL, so that after a power
// cut the state is the old or the new one. One process at a time.
//
// An address is in force until all of these hold:
//   - the hold-down has passed since it was last seen, or since its name was confirmed gone;
//   - at least `absences` successful answers came without it since it was last seen.
// Addresses that are to be left alone (protected, sanctioned, never-block) have a hold-down of
// their own, a short one: a hole in the block must not outlive its reason. Timeout, SERVFAIL,
// REFUSED, garbage, what a resolver filters and a stale denial change nothing. NXDOMAIN and NODATA
// count as answers only once confirmed: by so many agreeing ones over so long a time, and by a
// second resolver when there is more than one. While nobody answers anything, nothing ages: see
// evidence(). The families of a name are judged apart. A hint (HTTPS record) and a stale answer
// only ever add.
//
// When an address came and went is kept as spans. Its next sighting begins a new one when, since
// the last,
//   - it was no longer in force; or
//   - its name was confirmed gone; or
//   - its TTL has run out, `absences` fresh answers came without it, and chance does not explain
//     that all of them did (presence.hpp): in a name that rotates, a turn that has not come is no
//     departure.
// Of each address kMaxSpans are kept, the last one included; the oldest goes and is counted.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "controlplane/book/sighting.hpp"

namespace sweepgate {

inline constexpr std::size_t kMaxSpans = 32; // an address and name

struct BookOptions {
    std::chrono::seconds hold_down{std::chrono::hours{24}}; // at least 1 s
    unsigned absences = 3;                                  // at least 1
    unsigned resolvers = 1;                                 // configured; more than one: confirm
    std::size_t cap_per_name = 1024;  // addresses a name and family; the least recently seen goes
    std::size_t generations_kept = 8; // with their sealed bytes; and see kept_generations()
    std::size_t audit_kept = 100'000;
    std::chrono::seconds hold_down_left_alone{std::chrono::hours{1}}; // at least 1 s
    unsigned denials = 3;                                             // agreeing, at least 1
    std::chrono::seconds denied_for{std::chrono::hours{1}};           // from the first to the last

    [[nodiscard]] std::chrono::seconds hold_down_of(Role role) const {
        return is_left_alone(role) ? hold_down_left_alone : hold_down;
    }
};

/// What an answer with an unseen address, or one that rotates, tells of its name.
struct NameNews {
    std::string hostname;
    Family type = Family::ipv4;
    std::size_t added = 0; // new or returned
    Completeness completeness;
};

/// What one batch changed.
struct BatchOutcome {
    std::size_t added = 0;    // addresses new under their name
    std::size_t returned = 0; // addresses that had left and are back
    std::size_t evicted = 0;  // pushed out by the cap
    std::vector<NameNews> news;
    [[nodiscard]] bool changed() const { return added + returned + evicted > 0; }
};

struct PublishedGeneration {
    Generation number = 0;
    Digest digest{};
    Instant time{};
    std::string cause;                // "sweep", "policy by alice", "rollback to 12 by bob"
    std::vector<std::uint8_t> sealed; // empty for generations older than the last N
};

/// A push, a rollback, an approval; not what DNS, time and lists do by themselves.
[[nodiscard]] bool made_by_person(std::string_view cause);

/// One of those whose sealed bytes lie in the book.
struct KeptGeneration {
    Generation number = 0;
    Instant time{};
    bool by_person = false;
    std::size_t bytes = 0;
};
inline constexpr std::size_t kKeptByPeople = 64;
inline constexpr std::size_t kKeptOfAnHour = 256;
inline constexpr std::size_t kKeptBytes = std::size_t{128} << 20U;

/// Which of them stay, so that a diff reaches back: the newest `most`; the newest kKeptByPeople
/// that people made, each with the one before it; all of the last hour or, where they are more than
/// kKeptOfAnHour, the last of each half minute. In that order, until kKeptBytes are full.
///   held   the newest first
[[nodiscard]] std::set<Generation> kept_generations(const std::vector<KeptGeneration>& held,
                                                    std::size_t most, Instant now);

struct AuditEntry {
    Instant time{};
    std::string who;
    std::string verb;
    std::string detail;
    std::string result;      // "ok" or the error's text
    std::string origin = {}; // what the machine saw of them: key and address, or uid and pid
    std::int64_t id = 0;     // from 1, without a gap; given by the book
    Digest hash{};           // of the chain up to here; zero in entries of before there was one
};

/// The end of the audit's chain of hashes, to be kept in a second place.
struct AuditHead {
    std::int64_t id = 0; // 0: empty
    Digest hash{};

    friend bool operator==(const AuditHead&, const AuditHead&) = default;
};

/// How far a walk along the audit has come. Each entry's hash is BLAKE2b-256 over the hash before
/// it and the entry: whoever changes, takes out or moves one has to forge all that follow.
struct AuditWalk {
    std::int64_t next = 0;     // the id to go on with; 0: at the beginning
    Digest before{};           // its predecessor's hash
    std::size_t whole = 0;     // entries whose hash is right
    std::size_t unchained = 0; // entries of before there were hashes
    Instant first{};           // of the whole ones
    Instant last{};
    std::string fault; // "entry 57 was changed": the first; empty: none
    bool done = false;
};

class Book {
public:
    /// Opens or creates. Errors: conflict when another process holds it, bad_input when a newer
    /// program wrote it, io with SQLite's words (full disk, damaged file).
    static Result<Book> open(const std::filesystem::path& path, const BookOptions& options);
    Book(Book&&) noexcept;
    Book& operator=(Book&&) noexcept;
    ~Book();

    /// How many resolvers are asked from now on, at least 1: a denial needs two where there are
    /// more.
    void set_resolvers(unsigned resolvers);

    /// One sweep's observations, all or none. Errors: bad_input naming the observation, io.
    Result<BatchOutcome> record(std::span<const Observation> sweep);

    /// Sorted by name and address.
    [[nodiscard]] Result<std::vector<BookEntry>> in_force(Instant now) const;
    /// Everything known of a hostname or of an address, in force or not, with its spans.
    [[nodiscard]] Result<std::vector<BookEntry>> history(const std::string& hostname,
                                                         Instant now) const;
    [[nodiscard]] Result<std::vector<BookEntry>> history(const Address& address, Instant now) const;
    [[nodiscard]] Result<std::vector<NameState>> names() const;
    [[nodiscard]] Result<std::vector<NameState>> names(const std::string& hostname) const;
    /// Names that resolvers contradict each other about, once for each reason they are swept.
    [[nodiscard]] Result<std::vector<Dispute>> disputes() const;
    /// When any resolver last answered or denied anything; the epoch before the first. Ask what is
    /// in force as of then, and an outage of all resolvers ages nothing.
    [[nodiscard]] Instant evidence() const;

    /// Errors: refused when the number does not rise.
    Status publish(const PublishedGeneration& generation);
    /// Newest first; without sealed bytes.
    [[nodiscard]] Result<std::vector<PublishedGeneration>> generations(std::size_t limit) const;
    /// Errors: not_found, also when its sealed bytes are no longer kept.
    [[nodiscard]] Result<PublishedGeneration> generation(Generation number) const;
    /// The newest with its sealed bytes, or nothing before the first publication.
    [[nodiscard]] Result<std::optional<PublishedGeneration>> latest() const;

    /// Returns where the chain ends with it. `id` and `hash` of the entry do not count.
    Result<AuditHead> audit(const AuditEntry& entry);
    [[nodiscard]] Result<AuditHead> audit_head() const;
    /// Looks at the next `most` entries.
    Status walk_audit(AuditWalk& walk, std::size_t most) const;
    /// Whether the entry of `head` is there as it was, or so old that it is no longer kept.
    [[nodiscard]] Result<bool> has_audit(const AuditHead& head) const;
    /// Newest first.
    [[nodiscard]] Result<std::vector<AuditEntry>> audit_log(std::size_t limit) const;

    /// Database::copy_to().
    Status copy_to(const std::filesystem::path& path) const;

    struct State;

private:
    explicit Book(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace sweepgate
