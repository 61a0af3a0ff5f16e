// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/gate_wait.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "controlplane/cli/fields.hpp"

namespace sweepgate::cli {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{10};
constexpr milliseconds kLongestPause{200};

std::string spoken(milliseconds time) {
    if (time < std::chrono::seconds{1}) return fmt::format("{} ms", time.count());
    return fmt::format("{:.{}f} s", static_cast<double>(time.count()) / 1000,
                       time.count() % 1000 == 0 ? 0 : 1);
}

bool is_settled(const GateOutcome& gate) {
    return gate.outcome != "no-word" && gate.outcome != "not-yet";
}

} // namespace

GateOutcome GateWait::judge(const json& row, milliseconds elapsed) {
    const auto state = text(row, "state");
    const auto state_text = text(row, "state_text");
    GateOutcome gate{text(row, "gate"),
                     text(row, "kind"),
                     text(row, "instance"),
                     state,
                     {},
                     number(row, "generation"),
                     {},
                     {}};
    const auto known = std::ranges::find_if(outcomes_, [&](const GateOutcome& each) {
        return each.gate == gate.gate && each.instance == gate.instance;
    });
    const auto holds = "; it enforces " + std::to_string(gate.enforces);
    const bool has_it = gate.enforces >= generation_;
    if (state == "silent" || (state == "behind" && real(row, "seen_s_ago") * 1000 >
                                                       static_cast<double>(elapsed.count()))) {
        gate.outcome = "no-word";
        gate.text = fmt::format("no word for {} (last heard {:.0f} s ago){}", spoken(elapsed),
                                real(row, "seen_s_ago"), holds);
    } else if (state == "refuses") {
        gate.outcome = "refused";
        gate.text = "refused: " + text(row, "error") + holds;
    } else if (state == "differs" || state == "ahead" || state == "double") {
        gate.text = state_text + holds;
    } else if (!has_it) {
        gate.outcome = "not-yet";
        gate.text = fmt::format("not yet after {} ({}){}", spoken(elapsed), state_text, holds);
    } else {
        const bool before = known != outcomes_.end() && known->outcome == "enforced";
        gate.after = before ? known->after : elapsed;
        gate.outcome = "enforced";
        gate.text = fresh_ ? "enforced after " + spoken(gate.after) : "enforces it already";
        if (state != "current") {
            gate.fault = state_text;
            gate.text += "; " + state_text;
        }
    }
    return gate;
}

bool GateWait::take(const json& answer, milliseconds elapsed) {
    std::vector<GateOutcome> now;
    for (const auto& row : list(answer, "gates")) now.push_back(judge(row, elapsed));
    outcomes_ = std::move(now);
    return std::ranges::all_of(outcomes_, is_settled);
}

bool GateWait::in_force() const {
    return !outcomes_.empty() && std::ranges::all_of(outcomes_, &GateOutcome::is_well);
}

Result<GateWait> wait_for_gates(const Connection& connection, std::uint64_t generation, bool fresh,
                                milliseconds most) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    GateWait wait(generation, fresh);
    for (auto pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
        const auto answer = ask(connection, "gates", "");
        if (!answer) return tl::unexpected(answer.error());
        const auto elapsed = std::chrono::duration_cast<milliseconds>(Clock::now() - start);
        if (wait.take(*answer, elapsed) || elapsed >= most) return wait;
        std::this_thread::sleep_for(std::min(pause, most - elapsed));
    }
}

} // namespace sweepgate::cli
