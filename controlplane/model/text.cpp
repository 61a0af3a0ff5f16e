// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/text.hpp"

#include <array>

namespace sweepgate {

namespace {

constexpr char32_t kNoCharacter = 0xFFFD;

/// How a sequence of so many bytes begins, and the least code that needs them (RFC 3629, section
/// 3).
struct Form {
    unsigned char mask;
    unsigned char lead;
    char32_t least;
};
constexpr std::array<Form, 4> kForms = {
    {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}}};

} // namespace

Character first_character(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    for (std::size_t more = 0; more < kForms.size(); ++more) {
        const auto& form = kForms[more];
        if ((lead & form.mask) != form.lead) continue;
        if (text.size() <= more) break;
        char32_t code = lead & static_cast<unsigned char>(~form.mask);
        bool whole = true;
        for (std::size_t i = 1; i <= more; ++i) {
            const auto byte = static_cast<unsigned char>(text[i]);
            whole = whole && (byte & 0xC0U) == 0x80U;
            code = (code << 6U) | (byte & 0x3FU);
        }
        const bool surrogate = code >= 0xD800 && code < 0xE000;
        if (!whole || code < form.least || code > 0x10FFFF || surrogate) break;
        return {code, more + 1};
    }
    return {kNoCharacter, 1};
}

bool is_control(char32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x061C ||
           (code >= 0x200E && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

std::string printable(std::string_view text) {
    std::string clean;
    clean.reserve(text.size());
    while (!text.empty()) {
        const auto [code, length] = first_character(text);
        const bool broken = code == kNoCharacter && length == 1;
        if (broken || is_control(code))
            clean += '?';
        else
            clean += text.substr(0, length);
        text.remove_prefix(length);
    }
    return clean;
}

} // namespace sweepgate
