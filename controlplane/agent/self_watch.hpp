// SPDX-License-Identifier: Apache-2.0
// What the box says of itself, in its own log and to its service manager, when nobody else can:
// the controller is not heard, the snapshot has expired, the clock is off, nothing is saved.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "controlplane/wire/replica.hpp"

namespace sweepgate::agent {

inline constexpr std::chrono::seconds kMostSkew{30};

class SelfWatch {
public:
    using Steady = std::chrono::steady_clock::time_point;
    explicit SelfWatch(Steady started = std::chrono::steady_clock::now()) : heard_(started) {}

    struct Line {
        bool fault = true; // false: it is over
        std::string text;
    };
    /// What is to be logged: each change once.
    [[nodiscard]] std::vector<Line> look(const wire::ReplicaState& state,
                                         Steady now = std::chrono::steady_clock::now());
    /// "generation 7 in force" and what is wrong, for STATUS= of sd_notify; of the last look.
    [[nodiscard]] const std::string& status() const { return status_; }

private:
    struct Fault {
        bool stands = false;
        void turn(bool now_stands, const std::string& begins, const std::string& ends,
                  std::vector<Line>& lines);
    };
    Steady heard_;
    Fault silent_;
    Fault expired_;
    Fault clock_;
    Fault unsaved_;
    Fault refused_;
    std::string status_;
};

} // namespace sweepgate::agent
