// SPDX-License-Identifier: Apache-2.0
// A real authoritative server, nsd(8), with one zone in a folder of its own.
#pragma once

#include <string>

#include <sys/types.h>

namespace sweepgate::test {

class Nsd {
public:
    /// Listens on `address` port 53 with `zone` as the text of zone sweep.test, and a zone
    /// fail.test without content, for which it answers SERVFAIL.
    Nsd(const std::string& address, const std::string& zone);
    ~Nsd();
    Nsd(const Nsd&) = delete;
    Nsd& operator=(const Nsd&) = delete;

private:
    std::string folder_;
    pid_t child_ = -1;
};

} // namespace sweepgate::test
