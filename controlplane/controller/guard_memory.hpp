// SPDX-License-Identifier: Apache-2.0
// What the guard has learnt and what administrators have decided, in <state>/guard.sqlite: reverse
// names, sinkholes, refused changes, what DNS decided of the last snapshot and since when names are
// asked for outlive a restart. Loaded whole; written through.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "controlplane/book/sqlite.hpp"
#include "controlplane/guard/sinkhole.hpp"
#include "controlplane/guard/snapshot_plan.hpp"

namespace sweepgate::controller {

inline constexpr std::size_t kMaxReverseNames = 50'000; // the oldest go
inline constexpr std::size_t kMaxSinkholes = 1'000;
inline constexpr std::size_t kMaxRefused = 100'000; // addresses
/// A sinkhole that was not met again for so long is forgotten.
inline constexpr std::chrono::hours kSinkholeKept{24 * 7};

class GuardMemory {
public:
    /// Errors: io, conflict.
    static Result<GuardMemory> open(const std::filesystem::path& path);

    /// As they are now; whoever holds them sees no later change.
    [[nodiscard]] std::shared_ptr<const ReverseNames> reverse_names() const {
        return reverse_names_;
    }
    [[nodiscard]] const std::vector<Sinkhole>& sinkholes() const { return sinkholes_; }
    [[nodiscard]] const std::map<std::string, AdminRefusal>& refused() const { return refused_; }

    /// Errors: io. Then memory and file are what they were.
    Status remember(const std::vector<std::pair<Address, std::string>>& reverse_names, Instant now);
    Status remember(const std::vector<Sinkhole>& sinkholes, Instant now);
    ///   by       "alice on 2026-11-22 10:00"
    ///   errors   io; refused past kMaxRefused
    Status refuse(const Hold& hold, const std::string& by);
    /// Takes back what was refused of a system; false when nothing was.
    Result<bool> forgive(const std::string& system);

    /// Nothing before the first was remembered.
    [[nodiscard]] const std::optional<DnsPart>& dns() const { return dns_; }
    /// Writes what differs. Errors: io; then the file is what it was, and the next time writes all.
    Status remember(const DnsPart& part);
    [[nodiscard]] const NamesAsked& asked() const { return asked_; }
    /// All names that are asked for: new ones since `now`, but since ever while none was
    /// remembered. Errors: io.
    Status ask(const std::vector<BookName>& names, Instant now);
    /// sqlite::Database::copy_to().
    Status copy_to(const std::filesystem::path& path) const { return database_.copy_to(path); }

private:
    explicit GuardMemory(sqlite::Database database) : database_(std::move(database)) {}
    Status load();
    Status load_reverse_names();
    Status load_sinkholes();
    Status load_refused();
    Status load_dns();
    Status load_asked();

    sqlite::Database database_;
    std::shared_ptr<ReverseNames> reverse_names_ = std::make_shared<ReverseNames>();
    std::vector<Sinkhole> sinkholes_;
    std::map<std::string, AdminRefusal> refused_;
    std::optional<DnsPart> dns_; // as the file has it
    NamesAsked asked_;
};

} // namespace sweepgate::controller
