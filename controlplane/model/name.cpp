// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/name.hpp"

#include <algorithm>
#include <memory>

#include <idn2.h>

#include "controlplane/model/prefix_text.hpp"
#include "controlplane/model/text.hpp"

namespace sweepgate {

namespace {

constexpr std::size_t kLongestInput = 1024; // octets; a U-label form is longer than its A-labels
constexpr std::size_t kLongestName = 253;
constexpr std::size_t kLongestLabel = 63;

struct IdnFree {
    void operator()(char* text) const noexcept { idn2_free(text); }
};

tl::unexpected<Error> refuse(std::string_view text, std::string_view why) {
    return fail(Errc::bad_input,
                "name '" + printable(text.substr(0, 80)) + "' " + std::string(why));
}

bool is_space_or_control(char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet <= 0x20 || octet == 0x7f;
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// What is wrong with a name that would be read as an address somewhere, or "". The last character
/// tells most names from an address, for which no parser is needed. No top-level domain is a number
/// (RFC 3696, section 2), so such a name is an address that somebody mistyped.
std::string_view fault_as_address(std::string_view text) {
    if (!is_digit(text.back()) && text.find_first_of(":/") == std::string_view::npos) return {};
    if (parse_address(text)) return "is an address, not a name";
    if (parse_loose_prefix(text)) return "is a prefix, not a name";
    const auto last = text.substr(text.rfind('.') + 1);
    if (last.size() < text.size() && std::ranges::all_of(last, is_digit))
        return "ends in a number, as addresses do and no name does";
    return {};
}

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

Result<std::string> to_a_labels(std::string_view text) {
    if (std::ranges::all_of(text, is_ascii)) return std::string(text);
    const std::string input(text);
    char* raw = nullptr;
    const int status = idn2_to_ascii_8z(input.c_str(), &raw, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    const std::unique_ptr<char, IdnFree> converted(raw);
    if (status != IDN2_OK)
        return refuse(text, std::string("cannot be converted: ") + idn2_strerror(status));
    return std::string(converted.get());
}

Status check_labels(std::string_view shown, std::string_view name) {
    if (name.size() > kLongestName) return refuse(shown, "is longer than 253 characters");
    for (std::size_t begin = 0; begin <= name.size();) {
        const auto end = std::min(name.find('.', begin), name.size());
        if (end == begin) return refuse(shown, "has an empty label");
        if (end - begin > kLongestLabel)
            return refuse(shown, "has a label of more than 63 characters");
        begin = end + 1;
    }
    return {};
}

} // namespace

Result<std::string> canonical_name(std::string_view text) {
    const auto shown = text;
    if (text.size() > kLongestInput) return refuse(shown, "is too long");
    if (std::ranges::any_of(text, is_space_or_control))
        return refuse(shown, "has a space or control character");
    if (text.ends_with('.')) text.remove_suffix(1);
    if (text.empty()) return refuse(shown, "is empty");
    if (text.find('*') != std::string_view::npos)
        return refuse(shown, "is a wildcard: it cannot be asked for, list the names it stands for");
    if (const auto fault = fault_as_address(text); !fault.empty()) return refuse(shown, fault);
    auto name = to_a_labels(text);
    if (!name) return name;
    std::ranges::transform(*name, name->begin(), to_lower);
    if (!std::ranges::all_of(*name, is_name_character))
        return refuse(shown, "may hold letters, digits, '-' and '_' only");
    if (auto fits = check_labels(shown, *name); !fits) return tl::unexpected(fits.error());
    return name;
}

} // namespace sweepgate
