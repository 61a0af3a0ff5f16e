// SPDX-License-Identifier: Apache-2.0
// One TOML file, read strictly: an unknown key, a wrong type and a value out of range are errors
// that name file, line, key and value. toml++ is included in document.cpp only.
//
//     auto document = Document::load("policy.toml");
//     if (!document) return tl::unexpected(document.error());
//     auto root = document->root();
//     const auto port = root.integer_or("port", 53, {1, 65535});
//     for (auto rule : root.sections("rule")) ...
//     if (auto ok = document->finish(); !ok) return tl::unexpected(ok.error());
//
// Getters never fail on the spot: the first fault is kept and finish() reports it, so that a
// parser reads like the list of keys it knows. Whatever no getter asked for is an unknown key.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/model/result.hpp"

namespace sweepgate::config {

struct Bounds { // inclusive
    std::int64_t least;
    std::int64_t most;
};

/// A string of the file with the line it stands on, for errors found later.
struct Text {
    std::string value;
    unsigned line = 0;
};

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

    /// Records a fault of meaning at a key ("unknown system 'aimm'") or at a line.
    void reject(std::string_view key, const std::string& why);
    void reject(unsigned line, const std::string& why);

private:
    friend class Document;
    struct State;
    Section(std::shared_ptr<State> state, const void* table);
    const void* find(std::string_view key);
    const void* require(std::string_view key);
    void wrong_type(const void* node, std::string_view key, std::string_view wanted);
    std::shared_ptr<State> state_;
    const void* table_; // toml::table, owned by the state
};

class Document {
public:
    /// Errors: io when the file cannot be read or is over 8 MiB, bad_input with line and column
    /// when it is not TOML.
    static Result<Document> load(const std::filesystem::path& path);
    /// `name` stands for the file in errors.
    static Result<Document> parse(std::string_view text, std::string_view name);

    [[nodiscard]] Section root() const;
    /// The first recorded fault, else the first key that nobody asked for.
    [[nodiscard]] Status finish() const;

private:
    explicit Document(std::shared_ptr<Section::State> state);
    std::shared_ptr<Section::State> state_;
};

/// A whole file, at most `limit` bytes. Errors: io, naming the path.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit);

} // namespace sweepgate::config
