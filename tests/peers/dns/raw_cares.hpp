// SPDX-License-Identifier: Apache-2.0
// The peer: c-ares used directly on one thread with epoll, as well as one can: sockets that stay
// open, EDNS, large buffers, timers from a tick, answers read by raw_reader.hpp. Two ways: as its
// manual pages show it, or with retries of one's own above it (RawOptions::layered).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/peers/dns/raw_reader.hpp"

namespace sweepgate::test {

struct RawOptions {
    std::vector<std::string> servers; // addresses, port 53
    unsigned window = 512;
    int timeout_ms = 2000;
    int tries = 3;
    /// In place of the two above: 250, 500, 1,000 and 2,000 ms, each try on a channel of its own
    /// at the next server, also after SERVFAIL; a repetition takes no place in the window.
    bool layered = false;
};

/// What became of one name; without `answered` there was silence.
struct RawResult {
    const std::string& name;
    bool answered = false;
    bool understood = false; // false: no answer to the question
    RawAnswer answer;
};

/// Type A of every name.
void sweep_raw(const std::vector<std::string>& names, const RawOptions& options,
               const std::function<void(const RawResult&)>& on_result);

} // namespace sweepgate::test
