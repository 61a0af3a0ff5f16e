// SPDX-License-Identifier: Apache-2.0
// Internal to this station: tells two programs of one name apart.
#pragma once

#include <filesystem>
#include <string>

namespace sweepgate::wire {

/// "c0ffee123456-9a8b7c6d". The first part is drawn once and kept in the file "instance" beside
/// `state_file`; the second is new at each call, so that clones of one disk image differ. Where
/// nothing can be kept (no state file, a full disk) the first part is new as well.
[[nodiscard]] std::string draw_instance(const std::filesystem::path& state_file);

} // namespace sweepgate::wire
