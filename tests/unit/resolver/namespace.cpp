// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/resolver/namespace.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sweepgate::test {

namespace {

[[noreturn]] void give_up(const char* doing) {
    std::perror(doing);
    std::abort();
}

void bring_loopback_up() {
    const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP;
    if (descriptor < 0 || ioctl(descriptor, SIOCSIFFLAGS, &request) != 0) give_up("lo up");
    close(descriptor);
}

} // namespace

void enter_own_namespace() {
    static bool entered = false;
    if (entered) return;
    if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        give_up("unshare: network namespace");
    bring_loopback_up();
    entered = true;
}

} // namespace sweepgate::test
