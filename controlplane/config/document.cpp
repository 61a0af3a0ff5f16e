// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/document.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "controlplane/config/state.hpp"

#include "controlplane/model/regular_file.hpp"

namespace sweepgate::config {

namespace {

constexpr std::size_t kMaxFile = std::size_t{8} << 20U;

const toml::table& as_table(const void* table) { return *static_cast<const toml::table*>(table); }
const toml::node& as_node(const void* node) { return *static_cast<const toml::node*>(node); }
unsigned line_of(const toml::node& node) { return node.source().begin.line; }

Text text_at(std::string value, const toml::node& node) {
    return {std::move(value), line_of(node), node.source().begin.column};
}

} // namespace

Section::Section(std::shared_ptr<State> state, const void* table)
    : state_(std::move(state)), table_(table) {}

unsigned Section::line() const { return line_of(as_table(table_)); }

bool Section::has(std::string_view key) const {
    state_->ask(table_, key);
    return as_table(table_).get(key) != nullptr;
}

std::vector<std::string> Section::keys() const {
    std::vector<std::string> keys;
    for (const auto& [key, node] : as_table(table_)) keys.emplace_back(key.str());
    return keys;
}

const void* Section::find(std::string_view key) {
    state_->ask(table_, key);
    const auto* node = as_table(table_).get(key);
    if (node != nullptr) state_->asked.insert(node);
    return node;
}

const void* Section::require(std::string_view key) {
    const auto* node = find(key);
    if (node == nullptr && state_->missing.size() < Faults::kMostKept)
        state_->missing.emplace(&as_table(table_), std::string(key));
    return node;
}

void Section::wrong_type(const void* node, std::string_view key, std::string_view wanted) {
    state_->faults.add(place_of(as_node(node).source()),
                       "'" + std::string(key) + "' must be " + std::string(wanted));
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
    return text_at(*value, as_node(node));
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
            values.push_back(text_at(*value, item));
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
            state_->faults.add(place_of(item.source()),
                               std::string(key) + ": " + std::to_string(*value) +
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

std::vector<TextOrSection> Section::texts_or_sections(std::string_view key) {
    std::vector<TextOrSection> found;
    const auto* node = find(key);
    if (node == nullptr) return found;
    const auto* array = as_node(node).as_array();
    if (array == nullptr) {
        wrong_type(node, key, "an array of strings or tables");
        return found;
    }
    for (const auto& item : *array) {
        if (const auto value = item.value_exact<std::string>()) {
            found.push_back({text_at(*value, item), std::nullopt});
        } else if (const auto* table = item.as_table()) {
            state_->asked.insert(&item);
            found.push_back({text_at({}, item), Section(state_, table)});
        } else {
            wrong_type(&item, key, "an array of strings or tables");
        }
    }
    return found;
}

void Section::reject(std::string_view key, const std::string& why) {
    const auto* node = as_table(table_).get(key);
    if (node == nullptr) {
        // A missing key is told once, however much follows from it.
        if (!state_->missing.contains({&as_table(table_), std::string(key)}))
            state_->faults.add(place_of(as_table(table_).source()), why, key);
        return;
    }
    if (const auto* array = node->as_array())
        for (const auto& item : *array)
            if (state_->faults.has(place_of(item.source()))) return;
    state_->faults.add(place_of(node->source()), why);
}

void Section::reject(const Text& at, const std::string& why) {
    state_->faults.add({at.line, at.column}, why);
}

void Section::reject_key(std::string_view key, const std::string& why) {
    const auto found = as_table(table_).find(key);
    if (found == as_table(table_).end()) return reject(key, why);
    state_->faults.add(place_of(found->first.source()), why);
}

void Section::reject_whole(const std::string& why) {
    if (state_->wholes.size() < Faults::kMostKept)
        state_->wholes.push_back({&as_table(table_), why});
}

void Section::reject(unsigned line, const std::string& why) {
    state_->faults.add({line, 1}, why, why);
}

namespace {

void mark(const toml::node& node, std::set<const void*>& asked) {
    asked.insert(&node);
    if (const auto* table = node.as_table())
        for (const auto& [key, inner] : *table) mark(inner, asked);
    else if (const auto* array = node.as_array())
        for (const auto& item : *array) mark(item, asked);
}

} // namespace

void Section::leave_unread(std::string_view key) {
    if (const auto* node = as_table(table_).get(key)) mark(*node, state_->asked);
}

Document::Document(std::shared_ptr<Section::State> state) : state_(std::move(state)) {}

Result<Document> Document::parse(std::string_view text, std::string_view name) {
    auto state = std::make_shared<Section::State>();
    state->name = name;
    if (!parse_toml(text, *state)) return tl::unexpected(state->faults.error(name));
    return Document(std::move(state));
}

Result<Document> Document::load(const std::filesystem::path& path) {
    const auto text = read_file(path, kMaxFile);
    if (!text) return tl::unexpected(text.error());
    return parse(*text, path.string());
}

Section Document::root() const { return Section(state_, &state_->root); }

Status Document::finish() const {
    const auto faults = all_faults(*state_);
    if (!faults.empty()) return tl::unexpected(faults.error(state_->name));
    return {};
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
    auto text = read_regular_file(path, limit);
    if (!text) return fail(Errc::io, std::move(text.error().what));
    return text;
}

Result<std::string> read_stream(const std::filesystem::path& path, std::size_t limit) {
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
