// SPDX-License-Identifier: Apache-2.0
// Which version of the screen runs, when somebody does not want the best one: to compare them, or
// because a processor slows down in its widest registers.
#pragma once

#include <string_view>

#include "controlplane/model/result.hpp"
#include "dataplane/filter/screen.hpp"

namespace sweepgate::filter {

/// The screen called `name`; the best one when it is empty. It lives as long as the program.
/// Errors: bad_input for a name that no screen has, unavailable when this processor lacks what it
/// needs; both say which ones there are.
[[nodiscard]] Result<const Screen*> choose_screen(std::string_view name);

} // namespace sweepgate::filter
