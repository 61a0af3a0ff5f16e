// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/text.hpp"

#include <array>
#include <cstdio>

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

namespace {

bool has_no_width(char32_t code) {
    return code == 0xAD || code == 0x180E || (code >= 0x200B && code <= 0x200D) ||
           (code >= 0x2060 && code <= 0x2064) || code == 0xFEFF ||
           (code >= 0xE0000 && code <= 0xE0FFF);
}

std::string numbered(char32_t code) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "\\u{%04X}", static_cast<unsigned>(code));
    return text.data();
}

std::string raw(char byte) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "\\x%02X",
                  static_cast<unsigned>(static_cast<unsigned char>(byte)));
    return text.data();
}

} // namespace

std::string printable(std::string_view text) {
    std::string clean;
    clean.reserve(text.size());
    while (!text.empty()) {
        const auto [code, length] = first_character(text);
        const bool broken = code == kNoCharacter && length == 1;
        if (broken || is_control(code))
            clean += '?';
        else if (has_no_width(code))
            clean += numbered(code);
        else
            clean += text.substr(0, length);
        text.remove_prefix(length);
    }
    return clean;
}

std::string escaped(std::string_view text, std::size_t most) {
    const bool cut = text.size() > most;
    text = text.substr(0, most);
    std::string shown;
    while (!text.empty()) {
        const auto [code, length] = first_character(text);
        if (code == kNoCharacter && length == 1)
            shown += raw(text.front());
        else if (length > 1)
            shown += numbered(code);
        else
            shown += is_control(code) ? '?' : text.front();
        text.remove_prefix(length);
    }
    return cut ? shown + "..." : shown;
}

} // namespace sweepgate
