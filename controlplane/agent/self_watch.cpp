// SPDX-License-Identifier: Apache-2.0
#include "controlplane/agent/self_watch.hpp"

#include <fmt/format.h>

namespace sweepgate::agent {

namespace {

constexpr std::chrono::seconds kSilentAfter{15};

std::string in_force(const wire::ReplicaState& state) {
    if (state.generation == 0) return "nothing is in force";
    return fmt::format("generation {} in force", state.generation);
}

std::string clock_text(std::chrono::milliseconds offset) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::abs(offset));
    return fmt::format("our clock is {} s {} the controller's", seconds.count(),
                       offset.count() > 0 ? "ahead of" : "behind");
}

} // namespace

void SelfWatch::Fault::turn(bool now_stands, const std::string& begins, const std::string& ends,
                            std::vector<Line>& lines) {
    if (now_stands && !stands) lines.push_back({true, begins});
    if (!now_stands && stands && !ends.empty()) lines.push_back({false, ends});
    stands = now_stands;
}

std::vector<SelfWatch::Line> SelfWatch::look(const wire::ReplicaState& state, Steady now) {
    std::vector<Line> lines;
    if (state.connected) heard_ = now;
    const bool silent = now - heard_ >= kSilentAfter || (silent_.stands && !state.connected);
    silent_.turn(silent, "the controller is not heard; " + in_force(state) + " and stays so",
                 "the controller is heard again", lines);
    expired_.turn(state.expired,
                  fmt::format("generation {} has expired: it stays in force, and nobody has "
                              "confirmed it since",
                              state.generation),
                  "what is in force has not expired any more", lines);
    const auto offset = state.clock_offset.value_or(std::chrono::milliseconds(0));
    const bool skewed = std::chrono::abs(offset) > kMostSkew;
    clock_.turn(skewed, clock_text(offset) + "; schedules and expiry go by ours",
                "our clock and the controller's agree again", lines);
    unsaved_.turn(state.saved == Saved::no,
                  "what is in force is not saved: a restart falls back to generation " +
                      std::to_string(state.saved_generation),
                  "what is in force is saved again", lines);
    refused_.turn(!state.refusal.empty(), "what the controller has is refused: " + state.refusal,
                  "what the controller has is taken again", lines);

    status_ = in_force(state);
    if (silent) status_ += "; the controller is not heard";
    if (state.expired) status_ += "; expired";
    if (skewed) status_ += "; " + clock_text(offset);
    if (state.saved == Saved::no) status_ += "; not saved: " + state.save_fault;
    if (!state.refusal.empty()) status_ += "; refuses: " + state.refusal;
    return lines;
}

} // namespace sweepgate::agent
