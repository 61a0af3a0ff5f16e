// SPDX-License-Identifier: Apache-2.0
// Internal to this station: fields of the controller's answers. What is missing or of another
// type is empty.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

namespace sweepgate::cli {

using nlohmann::json;

[[nodiscard]] inline std::string text(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) return {};
    return found->is_string() ? found->get<std::string>() : found->dump();
}

[[nodiscard]] inline std::uint64_t number(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

[[nodiscard]] inline double real(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

[[nodiscard]] inline bool is_set(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

[[nodiscard]] inline const json& list(const json& object, const char* key) {
    static const json kNone = json::array();
    const auto found = object.find(key);
    return found != object.end() && found->is_array() ? *found : kNone;
}

[[nodiscard]] inline std::string joined(const json& array, const char* separator = ", ") {
    std::string line;
    for (const auto& item : array) {
        if (!line.empty()) line += separator;
        line += item.is_string() ? item.get<std::string>() : item.dump();
    }
    return line;
}

} // namespace sweepgate::cli
