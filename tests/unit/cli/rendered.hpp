// SPDX-License-Identifier: Apache-2.0
// The controller's JSON through one of the renderers.
#pragma once

#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

#include "controlplane/cli/terminal.hpp"

namespace sweepgate::test {

template <typename... More>
std::string rendered(void (*render)(std::ostream&, const nlohmann::json&, More...),
                     const char* text, More... more) {
    std::ostringstream out;
    render(out, nlohmann::json::parse(text), more...);
    return out.str();
}

/// The same for a screen, as the command prints it: at most so many columns, in ASCII or not.
template <typename... More>
std::string shown_on(const cli::Screen& screen,
                     void (*render)(std::ostream&, const nlohmann::json&, More...),
                     const char* text, More... more) {
    std::ostringstream out;
    set_screen(out, screen);
    render(out, nlohmann::json::parse(text), more...);
    return cli::fitted(out.view(), screen);
}

/// Of the widest line.
inline std::size_t widest(const std::string& page) {
    std::size_t most = 0;
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);)
        most = std::max(most, cli::display_width(line));
    return most;
}

} // namespace sweepgate::test
