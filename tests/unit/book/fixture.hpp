// SPDX-License-Identifier: Apache-2.0
// A book in a folder of its own, and sweeps written in one line.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/book/book.hpp"

#include <CppUTest/TestHarness.h>

namespace sweepgate::booktest {

class Folder {
public:
    Folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "bookXXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path_); }
    [[nodiscard]] std::filesystem::path book() const { return path_ / "book.db"; }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

inline Instant at(std::int64_t seconds) { return Instant{std::chrono::seconds{seconds}}; }

inline std::int64_t to_seconds(Instant instant) { return instant.time_since_epoch().count(); }

inline Observation answer(std::int64_t seconds, const std::vector<std::string>& addresses,
                          const std::string& resolver = "192.0.2.53") {
    Observation seen{{"aim", "login.example.com", Role::server},
                     Family::ipv4,
                     NameOutcome::answered,
                     resolver,
                     {},
                     {},
                     60,
                     at(seconds)};
    for (const auto& text : addresses) seen.addresses.push_back(*parse_address(text));
    if (!seen.addresses.empty()) seen.type = seen.addresses.front().family;
    return seen;
}

inline Observation silence(std::int64_t seconds, NameOutcome outcome,
                           const std::string& resolver = "192.0.2.53") {
    auto seen = answer(seconds, {}, resolver);
    seen.outcome = outcome;
    return seen;
}

inline BatchOutcome recorded(Book& book, const std::vector<Observation>& sweep) {
    const auto outcome = book.record(sweep);
    if (!outcome) FAIL(outcome.error().what.c_str());
    return *outcome;
}

inline Book opened(const std::filesystem::path& path, const BookOptions& options) {
    auto book = Book::open(path, options);
    if (!book) FAIL(book.error().what.c_str());
    return std::move(*book);
}

/// "192.0.2.1 192.0.2.2": what is in force, for one comparison.
inline std::string in_force(const Book& book, std::int64_t seconds) {
    const auto entries = book.in_force(at(seconds));
    if (!entries) return entries.error().what;
    std::string text;
    for (const auto& entry : *entries) text += (text.empty() ? "" : " ") + to_string(entry.address);
    return text;
}

} // namespace sweepgate::booktest
