// SPDX-License-Identifier: Apache-2.0
#include "controlplane/catalog/prefix_list.hpp"

#include <algorithm>

#include "controlplane/config/document.hpp"
#include "controlplane/model/text.hpp"

namespace sweepgate {

namespace {

constexpr std::size_t kMaxShown = 80;
constexpr std::size_t kMaxName = 64;

std::string_view without_comment(std::string_view line) {
    line = line.substr(0, line.find_first_of("#;"));
    const auto first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

} // namespace

Result<std::vector<ListedPrefix>> parse_prefix_list(std::string_view text, std::string_view name) {
    std::vector<ListedPrefix> found;
    unsigned line = 0;
    const auto reject = [&](const std::string& why) {
        return fail(Errc::bad_input,
                    std::string(name) + ": line " + std::to_string(line) + ": " + why);
    };
    for (std::size_t start = 0; start < text.size();) {
        const auto end = std::min(text.find('\n', start), text.size());
        const auto value = without_comment(text.substr(start, end - start));
        start = end + 1;
        ++line;
        if (value.empty()) continue;
        if (found.size() == kMaxListed)
            return reject("more than " + std::to_string(kMaxListed) + " prefixes");
        const auto prefix = parse_prefix(value.substr(0, kMaxShown));
        if (!prefix) return reject(printable(prefix.error().what));
        found.push_back({*prefix, line});
    }
    return found;
}

Result<std::vector<ListedPrefix>> load_prefix_list(const std::filesystem::path& path) {
    const auto text = config::read_file(path, kMaxListBytes);
    if (!text) return tl::unexpected(text.error());
    return parse_prefix_list(*text, path.string());
}

bool is_list_name(std::string_view name) {
    return !name.empty() && name.size() <= kMaxName && name.front() != '.' &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
           });
}

} // namespace sweepgate
