// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/document.hpp"

#include <cerrno>
#include <fstream>
#include <set>

#include <toml++/toml.h>

namespace sweepgate::config {

namespace {

constexpr std::size_t kMaxFile = std::size_t{8} << 20U;

const toml::table& as_table(const void* table) { return *static_cast<const toml::table*>(table); }
const toml::node& as_node(const void* node) { return *static_cast<const toml::node*>(node); }
unsigned line_of(const toml::node& node) { return node.source().begin.line; }

} // namespace

struct Section::State {
    toml::table root;
    std::string name;
    std::set<const void*> asked; // nodes some getter has read
    std::optional<Error> fault;

    void record(unsigned line, const std::string& why) {
        if (!fault)
            fault = Error{Errc::bad_input, name + ": line " + std::to_string(line) + ": " + why};
    }
};

Section::Section(std::shared_ptr<State> state, const void* table)
    : state_(std::move(state)), table_(table) {}

unsigned Section::line() const { return line_of(as_table(table_)); }

bool Section::has(std::string_view key) const { return as_table(table_).get(key) != nullptr; }

std::vector<std::string> Section::keys() const {
    std::vector<std::string> keys;
    for (const auto& [key, node] : as_table(table_)) keys.emplace_back(key.str());
    return keys;
}

const void* Section::find(std::string_view key) {
    const auto* node = as_table(table_).get(key);
    if (node != nullptr) state_->asked.insert(node);
    return node;
}

const void* Section::require(std::string_view key) {
    const auto* node = find(key);
    if (node == nullptr) reject(line(), "missing key '" + std::string(key) + "'");
    return node;
}

void Section::wrong_type(const void* node, std::string_view key, std::string_view wanted) {
    reject(line_of(as_node(node)), "'" + std::string(key) + "' must be " + std::string(wanted));
}

std::string Section::text(std::string_view key) {
    if (require(key) == nullptr) return {};
    return text_or(key, {});
}

std::int64_t Section::integer(std::string_view key, Bounds bounds) {
    if (require(key) == nullptr) return bounds.least;
    return integer_or(key, bounds.least, bounds);
}

std::string Section::text_or(std::string_view key, std::string_view fallback) {
    const auto found = optional_text(key);
    return found ? found->value : std::string(fallback);
}

std::optional<Text> Section::optional_text(std::string_view key) {
    const auto* node = find(key);
    if (node == nullptr) return std::nullopt;
    const auto value = as_node(node).value_exact<std::string>();
    if (!value) {
        wrong_type(node, key, "a string");
        return std::nullopt;
    }
    return Text{*value, line_of(as_node(node))};
}

std::int64_t Section::integer_or(std::string_view key, std::int64_t fallback, Bounds bounds) {
    const auto* node = find(key);
    if (node == nullptr) return fallback;
    const auto value = as_node(node).value_exact<std::int64_t>();
    if (!value) {
        wrong_type(node, key, "an integer");
        return fallback;
    }
    if (*value < bounds.least || *value > bounds.most) {
        reject(key, std::string(key) + " = " + std::to_string(*value) + " is not within " +
                        std::to_string(bounds.least) + ".." + std::to_string(bounds.most));
        return fallback;
    }
    return *value;
}

double Section::number_or(std::string_view key, double fallback, double least, double most) {
    const auto* node = find(key);
    if (node == nullptr) return fallback;
    const auto value = as_node(node).value<double>();
    if (!value || !as_node(node).is_number()) {
        wrong_type(node, key, "a number");
        return fallback;
    }
    if (!(*value >= least && *value <= most)) {
        reject(key, std::string(key) + " = " + std::to_string(*value) + " is not within " +
                        std::to_string(least) + ".." + std::to_string(most));
        return fallback;
    }
    return *value;
}

bool Section::boolean_or(std::string_view key, bool fallback) {
    const auto* node = find(key);
    if (node == nullptr) return fallback;
    const auto value = as_node(node).value_exact<bool>();
    if (!value) wrong_type(node, key, "true or false");
    return value.value_or(fallback);
}

std::vector<Text> Section::texts(std::string_view key) {
    std::vector<Text> values;
    const auto* node = find(key);
    if (node == nullptr) return values;
    const auto* array = as_node(node).as_array();
    if (array == nullptr) {
        wrong_type(node, key, "an array of strings");
        return values;
    }
    for (const auto& item : *array) {
        if (const auto value = item.value_exact<std::string>())
            values.push_back({*value, line_of(item)});
        else
            wrong_type(&item, key, "an array of strings");
    }
    return values;
}

std::vector<std::int64_t> Section::integers(std::string_view key, Bounds bounds) {
    std::vector<std::int64_t> values;
    const auto* node = find(key);
    if (node == nullptr) return values;
    const auto* array = as_node(node).as_array();
    if (array == nullptr) {
        wrong_type(node, key, "an array of integers");
        return values;
    }
    for (const auto& item : *array) {
        const auto value = item.value_exact<std::int64_t>();
        if (!value)
            wrong_type(&item, key, "an array of integers");
        else if (*value < bounds.least || *value > bounds.most)
            reject(line_of(item), std::string(key) + ": " + std::to_string(*value) +
                                      " is not within " + std::to_string(bounds.least) + ".." +
                                      std::to_string(bounds.most));
        else
            values.push_back(*value);
    }
    return values;
}

std::optional<Section> Section::section(std::string_view key) {
    const auto* node = find(key);
    if (node == nullptr) return std::nullopt;
    const auto* table = as_node(node).as_table();
    if (table == nullptr) {
        wrong_type(node, key, "a table");
        return std::nullopt;
    }
    return Section(state_, table);
}

std::vector<Section> Section::sections(std::string_view key) {
    std::vector<Section> found;
    const auto* node = find(key);
    if (node == nullptr) return found;
    const auto* array = as_node(node).as_array();
    if (array == nullptr) {
        wrong_type(node, key, "an array of tables");
        return found;
    }
    for (const auto& item : *array) {
        const auto* table = item.as_table();
        if (table == nullptr) {
            wrong_type(&item, key, "an array of tables");
            continue;
        }
        state_->asked.insert(&item);
        found.push_back(Section(state_, table));
    }
    return found;
}

void Section::reject(std::string_view key, const std::string& why) {
    const auto* node = as_table(table_).get(key);
    state_->record(node == nullptr ? line() : line_of(*node), why);
}

void Section::reject(unsigned line, const std::string& why) { state_->record(line, why); }

namespace {

/// The first key below `table` that no getter has read. Tables that were read are searched.
std::optional<std::pair<unsigned, std::string>> unknown_key(const toml::table& table,
                                                            const std::set<const void*>& asked);

std::optional<std::pair<unsigned, std::string>> unknown_below(const toml::node& node,
                                                              const std::set<const void*>& asked) {
    if (const auto* inner = node.as_table()) return unknown_key(*inner, asked);
    if (const auto* array = node.as_array())
        for (const auto& item : *array)
            if (const auto* element = item.as_table())
                if (auto unknown = unknown_key(*element, asked)) return unknown;
    return std::nullopt;
}

std::optional<std::pair<unsigned, std::string>> unknown_key(const toml::table& table,
                                                            const std::set<const void*>& asked) {
    for (const auto& [key, node] : table) {
        if (!asked.contains(&node))
            return std::pair{static_cast<unsigned>(key.source().begin.line),
                             std::string(key.str())};
        if (auto unknown = unknown_below(node, asked)) return unknown;
    }
    return std::nullopt;
}

} // namespace

Document::Document(std::shared_ptr<Section::State> state) : state_(std::move(state)) {}

Result<Document> Document::parse(std::string_view text, std::string_view name) {
    auto state = std::make_shared<Section::State>();
    state->name = name;
    try {
        state->root = toml::parse(text, name);
    } catch (const toml::parse_error& error) {
        return fail(Errc::bad_input, std::string(name) + ": line " +
                                         std::to_string(error.source().begin.line) + ", column " +
                                         std::to_string(error.source().begin.column) + ": " +
                                         std::string(error.description()));
    }
    return Document(std::move(state));
}

Result<Document> Document::load(const std::filesystem::path& path) {
    const auto text = read_file(path, kMaxFile);
    if (!text) return tl::unexpected(text.error());
    return parse(*text, path.string());
}

Section Document::root() const { return Section(state_, &state_->root); }

Status Document::finish() const {
    if (!state_->fault)
        if (const auto unknown = unknown_key(state_->root, state_->asked))
            state_->record(unknown->first, "unknown key '" + unknown->second + "'");
    if (state_->fault) return tl::unexpected(*state_->fault);
    return {};
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(Errc::io, path.string() + ": " + errno_text(errno));
    std::string text(limit + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) return fail(Errc::io, path.string() + ": " + errno_text(errno));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > limit)
        return fail(Errc::io, path.string() + ": larger than " + std::to_string(limit) + " bytes");
    return text;
}

} // namespace sweepgate::config
