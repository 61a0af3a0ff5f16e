// SPDX-License-Identifier: Apache-2.0
// What became of a generation at each gate: asked of the controller again and again until every
// gate enforces it, says why it does not, or the time is up.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "controlplane/cli/connection.hpp"

namespace sweepgate::cli {

struct GateOutcome {
    std::string gate;
    std::string kind;
    std::string instance;
    std::string outcome;                // "enforced", "refused", "no-word", "not-yet" or its state
    std::chrono::milliseconds after{0}; // of "enforced"
    std::uint64_t enforces = 0;         // the generation that it has
    std::string text;                   // what a person reads

    /// Enforced, and nothing else is wrong with the gate.
    [[nodiscard]] bool is_well() const { return outcome == "enforced" && fault.empty(); }
    std::string fault; // an enforcing gate's: "unsaved", ...
};

class GateWait {
public:
    ///   generation  that gates are to hold
    ///   fresh       it is new, so they cannot have had it before
    GateWait(std::uint64_t generation, bool fresh) : generation_(generation), fresh_(fresh) {}

    /// An answer to "gates", so long after the change. True when nothing is worth waiting for.
    bool take(const nlohmann::json& answer, std::chrono::milliseconds elapsed);
    [[nodiscard]] const std::vector<GateOutcome>& outcomes() const { return outcomes_; }
    /// There are gates, and all is well with each.
    [[nodiscard]] bool in_force() const;

private:
    [[nodiscard]] GateOutcome judge(const nlohmann::json& row, std::chrono::milliseconds elapsed);

    std::uint64_t generation_;
    bool fresh_;
    std::vector<GateOutcome> outcomes_; // in the order of the answer
};

/// Asks until take() says so or `most` has passed. Errors: nobody answers any more.
[[nodiscard]] Result<GateWait> wait_for_gates(const Connection& connection,
                                              std::uint64_t generation, bool fresh,
                                              std::chrono::milliseconds most);

} // namespace sweepgate::cli
