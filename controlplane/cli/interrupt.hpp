// SPDX-License-Identifier: Apache-2.0
// Ctrl-C as a question, for commands that end in order. A second one ends the program at once.
#pragma once

#include <csignal>

namespace sweepgate::cli {

/// While it lives, the first SIGINT or SIGTERM is remembered and ends nothing. One at a time.
class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    [[nodiscard]] static bool came();

private:
    struct sigaction interrupt_before_ {};
    struct sigaction terminate_before_ {};
};

} // namespace sweepgate::cli
