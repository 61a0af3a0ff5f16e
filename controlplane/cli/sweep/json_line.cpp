// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/json_line.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "controlplane/cli/terminal.hpp"

namespace sweepgate::cli {

namespace {

bool is_plain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

} // namespace

void JsonLine::text(std::string_view key, std::string_view value) {
    begin(key);
    put(value);
}

void JsonLine::number(std::string_view key, std::uint64_t value) {
    begin(key);
    fmt::format_to(std::back_inserter(line_), "{}", value);
}

void JsonLine::flag(std::string_view key, bool value) { raw(key, value ? "true" : "false"); }

void JsonLine::milliseconds(std::string_view key, std::uint64_t microseconds) {
    begin(key);
    fmt::format_to(std::back_inserter(line_), "{}.{:03}", microseconds / 1000, microseconds % 1000);
}

void JsonLine::null(std::string_view key) { raw(key, "null"); }

void JsonLine::texts(std::string_view key, std::span<const std::string> values) {
    put_all(key, values);
}

void JsonLine::addresses(std::string_view key, std::span<const Address> values) {
    put_all(key, values);
}

template <typename Value>
void JsonLine::put_all(std::string_view key, std::span<const Value> values) {
    begin(key);
    line_ += '[';
    for (const auto& value : values) {
        if (line_.back() != '[') line_ += ',';
        put(value);
    }
    line_ += ']';
}

void JsonLine::raw(std::string_view key, std::string_view json) {
    begin(key);
    line_ += json;
}

std::string_view JsonLine::end() {
    line_ += "}\n";
    ended_ = true;
    return line_;
}

void JsonLine::begin(std::string_view key) {
    if (std::exchange(ended_, false)) line_.clear();
    line_ += line_.empty() ? "{\"" : ",\"";
    line_ += key;
    line_ += "\":";
}

// Escapes, and octets that are no UTF-8, are the library's matter.
void JsonLine::put(std::string_view value) {
    if (std::ranges::all_of(value, is_plain)) {
        line_ += '"';
        line_ += value;
        line_ += '"';
        return;
    }
    line_ += json_text(nlohmann::json(value));
}

} // namespace sweepgate::cli
