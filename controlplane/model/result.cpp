// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/result.hpp"

#include <system_error>

namespace sweepgate {

std::string errno_text(int number) { return std::system_category().message(number); }

std::string_view to_string(Errc code) {
    switch (code) {
    case Errc::bad_input: return "bad input";
    case Errc::not_found: return "not found";
    case Errc::refused: return "refused";
    case Errc::stale_generation: return "stale generation";
    case Errc::conflict: return "conflict";
    case Errc::unavailable: return "unavailable";
    case Errc::io: return "i/o error";
    }
    return "unknown";
}

} // namespace sweepgate
