// SPDX-License-Identifier: Apache-2.0
// A field of the controller's JSON; one that is missing, or of another type, is empty.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

namespace sweepgate::cli {

inline std::string text(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) return {};
    return found->is_string() ? found->get<std::string>() : found->dump();
}

inline std::uint64_t number(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

inline bool is_set(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

inline const nlohmann::json& list(const nlohmann::json& object, const char* key) {
    static const nlohmann::json kNone = nlohmann::json::array();
    const auto found = object.find(key);
    return found != object.end() && found->is_array() ? *found : kNone;
}

} // namespace sweepgate::cli
