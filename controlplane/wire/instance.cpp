// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/instance.hpp"

#include <array>

#include <sodium.h>

#include "controlplane/wire/store.hpp"

namespace sweepgate::wire {

namespace {

constexpr std::size_t kKeptBytes = 6;
constexpr std::size_t kFreshBytes = 4;

template <std::size_t bytes>
std::string random_hex() {
    std::array<unsigned char, bytes> drawn{};
    randombytes_buf(drawn.data(), drawn.size());
    std::array<char, 2 * bytes + 1> text{};
    sodium_bin2hex(text.data(), text.size(), drawn.data(), drawn.size());
    return text.data();
}

bool is_kept_part(const std::string& text) {
    return text.size() == 2 * kKeptBytes &&
           text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

} // namespace

std::string draw_instance(const std::filesystem::path& state_file) {
    auto kept = random_hex<kKeptBytes>();
    if (!state_file.empty()) {
        const auto path = state_file.parent_path() / "instance";
        const auto before = load(path);
        if (before && is_kept_part(*before))
            kept = *before;
        else // one that cannot be kept is drawn again at the next start
            (void)save(path, kept);
    }
    return kept + "-" + random_hex<kFreshBytes>();
}

} // namespace sweepgate::wire
