// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/last_config.hpp"

#include <algorithm>

#include "controlplane/config/document.hpp"

namespace sweepgate::config {

namespace {

constexpr std::size_t kMaxConfig = std::size_t{1} << 20U;

} // namespace

std::filesystem::path last_config_path(const std::filesystem::path& state,
                                       const std::filesystem::path& file) {
    // One state folder, several files: each has a copy of its own.
    auto name = std::filesystem::absolute(file).string();
    std::ranges::replace(name, '/', '-');
    return state / ("config" + name + ".last-good");
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::filesystem::path state_named_in(const std::filesystem::path& file,
                                     const std::filesystem::path& otherwise) {
    const auto text = read_file(file, kMaxConfig);
    if (!text) return otherwise;
    for (std::size_t start = 0; start < text->size();) {
        const auto end = std::min(text->find('\n', start), text->size());
        auto line = std::string_view(*text).substr(start, end - start);
        start = end + 1;
        if (line.starts_with('[')) break; // tables come behind the keys of the file itself
        if (!line.starts_with("state")) continue;
        const auto equals = line.find('=');
        const auto open = line.find_first_of("\"'", equals);
        if (equals == std::string_view::npos || open == std::string_view::npos) continue;
        const auto close = line.find(line[open], open + 1);
        if (close == std::string_view::npos) continue;
        return line.substr(open + 1, close - open - 1);
    }
    return otherwise;
}

} // namespace sweepgate::config
