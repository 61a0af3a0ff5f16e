// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/interrupt.hpp"

namespace sweepgate::cli {

namespace {

volatile std::sig_atomic_t came_ = 0; // a signal handler sees nothing but what is static

} // namespace

Interrupt::Interrupt() {
    came_ = 0;
    struct sigaction once {};
    once.sa_handler = [](int) { came_ = 1; };
    once.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &once, &interrupt_before_);
    sigaction(SIGTERM, &once, &terminate_before_);
}

Interrupt::~Interrupt() {
    sigaction(SIGINT, &interrupt_before_, nullptr);
    sigaction(SIGTERM, &terminate_before_, nullptr);
}

bool Interrupt::came() { return came_ != 0; }

} // namespace sweepgate::cli
