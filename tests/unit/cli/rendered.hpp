// SPDX-License-Identifier: Apache-2.0
// The controller's JSON through one of the renderers.
#pragma once

#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

namespace sweepgate::test {

template <typename... More>
std::string rendered(void (*render)(std::ostream&, const nlohmann::json&, More...),
                     const char* text, More... more) {
    std::ostringstream out;
    render(out, nlohmann::json::parse(text), more...);
    return out.str();
}

} // namespace sweepgate::test
