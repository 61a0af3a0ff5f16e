// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace sweepgate::test {

/// Puts this process into a fresh network namespace with its loopback up. The namespace has no
/// name and ends with the process and its children. Once is enough; more calls do nothing.
/// Aborts the program when the machine does not allow it.
void enter_own_namespace();

/// Two servers on its loopback.
inline const std::string kFirst = "127.0.53.1";
inline const std::string kSecond = "127.0.53.2";

} // namespace sweepgate::test
