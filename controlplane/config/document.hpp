// SPDX-License-Identifier: Apache-2.0
// One TOML file, read strictly: an unknown key, a wrong type and a value out of range are errors
// that name file, line, column, key and value.
//
//     auto document = Document::load("policy.toml");
//     if (!document) return tl::unexpected(document.error());
//     auto root = document->root();
//     const auto port = root.integer_or("port", 53, {1, 65535});
//     for (auto rule : root.sections("rule")) ...
//     if (auto ok = document->finish(); !ok) return tl::unexpected(ok.error());
//
// Getters never fail on the spot: faults are kept and finish() reports all of them, so that a
// parser reads like the list of keys it knows. Whatever no getter asked for is an unknown key; the
// nearest key that was asked for and is not there is what was meant. So a parser goes on after a
// fault and asks for every key in any case. What a fault leaves behind (a fallback, a shorter
// list) may be rejected again: at the same place, or for the array around it, that is not told.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/faults.hpp"
#include "controlplane/model/result.hpp"

namespace sweepgate::config {

struct Bounds { // inclusive
    std::int64_t least;
    std::int64_t most;
};

/// A string of the file with the place it stands at, for errors found later.
struct Text {
    std::string value;
    unsigned line = 0;
    unsigned column = 1;
};

struct TextOrSection;

class Section {
public:
    /// Line of the section's header, or of its opening brace.
    [[nodiscard]] unsigned line() const;
    [[nodiscard]] bool has(std::string_view key) const;
    [[nodiscard]] std::vector<std::string> keys() const;

    // Required: absence is an error.
    std::string text(std::string_view key);
    std::int64_t integer(std::string_view key, Bounds bounds);

    // Optional.
    std::string text_or(std::string_view key, std::string_view fallback);
    std::optional<Text> optional_text(std::string_view key);
    std::int64_t integer_or(std::string_view key, std::int64_t fallback, Bounds bounds);
    double number_or(std::string_view key, double fallback, double least, double most);
    bool boolean_or(std::string_view key, bool fallback);
    /// An array of strings; empty when absent.
    std::vector<Text> texts(std::string_view key);
    /// An array of integers; empty when absent.
    std::vector<std::int64_t> integers(std::string_view key, Bounds bounds);
    /// A table; nothing when absent.
    std::optional<Section> section(std::string_view key);
    /// An array of tables; empty when absent.
    std::vector<Section> sections(std::string_view key);
    /// An array of strings and tables; empty when absent.
    std::vector<TextOrSection> texts_or_sections(std::string_view key);

    /// Records a fault of meaning: at a key's value, or the section where there is no such key.
    void reject(std::string_view key, const std::string& why);
    /// At a string that was read.
    void reject(const Text& at, const std::string& why);
    /// At the key itself ("unknown system 'aimm'").
    void reject_key(std::string_view key, const std::string& why);
    /// Of the section as a whole; told when nothing inside it is wrong.
    void reject_whole(const std::string& why);
    /// Where only the line is known.
    void reject(unsigned line, const std::string& why);
    /// Nothing below is an unknown key: for what cannot be read after a fault.
    void leave_unread(std::string_view key);

    struct State;

private:
    friend class Document;
    Section(std::shared_ptr<State> state, const void* table);
    const void* find(std::string_view key);
    const void* require(std::string_view key);
    void wrong_type(const void* node, std::string_view key, std::string_view wanted);
    std::shared_ptr<State> state_;
    const void* table_; // toml::table, owned by the state
};

struct TextOrSection {
    Text text;                      // when it is no table
    std::optional<Section> section; // when it is one
};

class Document {
public:
    /// Errors: io when the file cannot be read or is over 8 MiB; bad_input when what is no TOML
    /// cannot be left out, so that finish() would tell it.
    static Result<Document> load(const std::filesystem::path& path);
    /// `name` stands for the file in errors.
    static Result<Document> parse(std::string_view text, std::string_view name);

    [[nodiscard]] Section root() const;
    /// All faults, "file:line:column: what" a line each, at most Faults::kMostTold.
    [[nodiscard]] Status finish() const;

private:
    explicit Document(std::shared_ptr<Section::State> state);
    std::shared_ptr<Section::State> state_;
};

/// A whole regular file, at most `limit` bytes; never waits. Errors: io, naming the path.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit);
/// What a person named on a command line: a pipe, too, to its end. Errors: as above.
[[nodiscard]] Result<std::string> read_stream(const std::filesystem::path& path, std::size_t limit);

} // namespace sweepgate::config
