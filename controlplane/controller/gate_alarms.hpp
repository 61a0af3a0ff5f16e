// SPDX-License-Identifier: Apache-2.0
// From what gates are to what is wrong with them. Some faults are told at once, others when they
// have stood for a while: a gate is behind for some milliseconds after each publication.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "controlplane/controller/alarms.hpp"
#include "controlplane/controller/gate_states.hpp"
#include "controlplane/wire/trust_list.hpp"

namespace sweepgate::controller {

struct GateAlarmBounds {
    std::chrono::milliseconds behind_after{10'000};
    std::chrono::milliseconds settled_after{2'500}; // ahead, differs, refuses, clock: two reports
    std::chrono::milliseconds repair_stands{600'000};
    std::chrono::milliseconds start_grace{10'000}; // for gates to come back to a new controller
};

/// A generation above which the controller has to go on, because a gate holds it.
struct Ratchet {
    Generation generation = 0;
    Digest digest{};
    std::string gate;
};

/// Of an epoch. No controller gets there: one generation a second for 136 years. What a gate says
/// beyond it is not followed, because behind the last of an epoch nothing comes but the next one.
inline constexpr Generation kMostFollowed = Generation{1} << 32U;
[[nodiscard]] constexpr bool is_followed(Generation generation) {
    return generation % wire::kEpochSpan <= kMostFollowed;
}

class GateAlarms {
public:
    explicit GateAlarms(GateAlarmBounds bounds = {}, wire::Moment started = {})
        : bounds_(bounds), started_(started) {}

    /// `now` must not run backwards. Looks each second or so.
    [[nodiscard]] std::vector<Alarm> look(const std::vector<GateRow>& rows,
                                          const wire::Moment& now);
    /// Of the rows last looked at: the highest generation that leaves ours without effect.
    [[nodiscard]] const std::optional<Ratchet>& ratchet() const { return ratchet_; }

private:
    using Key = std::tuple<std::string, std::string, GateState>; // gate, instance, state
    using Steady = std::chrono::steady_clock::time_point;
    [[nodiscard]] bool is_due(const GateFault& fault, const GateRow& row, Steady since,
                              Steady now) const;
    [[nodiscard]] Alarm alarm_of(const GateFault& fault, const GateRow& row,
                                 const wire::Moment& now) const;
    void look_at_repairs(const GateRow& row, const wire::Moment& now, std::vector<Alarm>& alarms);

    GateAlarmBounds bounds_;
    wire::Moment started_;
    std::map<Key, Steady> since_;
    struct Repairs {
        std::uint64_t seen = 0;  // by the counter, since the program there started
        std::uint64_t fresh = 0; // of them, in the alarm that stands
        Steady last{};
    };
    std::map<std::pair<std::string, std::string>, Repairs> repairs_; // by gate, instance
    std::optional<Ratchet> ratchet_;
};

} // namespace sweepgate::controller
