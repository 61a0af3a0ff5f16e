// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/screen_choice.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace sweepgate::filter {

namespace {

/// Also those that this processor, or this build, does not have.
constexpr std::array<std::string_view, 3> kNames{"avx512", "avx2", "portable"};

std::string here() {
    std::string names;
    for (const auto& screen : screens())
        names += (names.empty() ? "" : ", ") + std::string(screen.name);
    return names;
}

} // namespace

Result<const Screen*> choose_screen(std::string_view name) {
    if (name.empty()) return &screens().front();
    for (const auto& screen : screens())
        if (screen.name == name) return &screen;
    const std::string asked = "instruction set '" + std::string(name) + "'";
    if (std::find(kNames.begin(), kNames.end(), name) == kNames.end())
        return fail(Errc::bad_input, asked + " is unknown; this processor runs " + here());
    return fail(Errc::unavailable, asked + " is missing here; this processor runs " + here());
}

} // namespace sweepgate::filter
