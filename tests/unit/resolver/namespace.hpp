// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sweepgate::test {

/// Puts this process into a fresh network namespace with its loopback up. The namespace has no
/// name and ends with the process and its children. Once is enough; more calls do nothing.
/// Aborts the program when the machine does not allow it.
void enter_own_namespace();

} // namespace sweepgate::test
