// SPDX-License-Identifier: Apache-2.0
// The peer: c-ares used directly, as its manual pages show it, on one channel and epoll. No
// retries of its own, no checks of what it gets; answers are read by ares_parse_a_reply().
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "resolver/answer.hpp"

namespace sweepgate::test {

struct RawOptions {
    std::vector<std::string> servers; // addresses, port 53
    unsigned window = 512;
    int timeout_ms = 2000;
    int tries = 3;
    bool read_answers = true; // false: only what the header says
};

/// Type A of every name; outcome, addresses and question of each answer are set. No more than
/// 128 addresses of one answer are read.
void sweep_raw(const std::vector<std::string>& names, const RawOptions& options,
               const std::function<void(const Answer&)>& on_answer);

} // namespace sweepgate::test
