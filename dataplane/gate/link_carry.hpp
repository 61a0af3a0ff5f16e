// SPDX-License-Identifier: Apache-2.0
// A wire with a cut on one side is dead on the other. So that routers on both sides notice, a pair
// that loses one link takes the other down, and gives it back when the first returns.
//
// At most one side is held down at a time. What a held side's link says is nobody's news: we took
// it away. After it was given back it needs seconds to come up (autonegotiation), and only then
// is its absence a loss of its own: without that rest two gates in a row, or a slow PHY, would
// take each other's links away for ever. Pure: looks and a clock in, orders out.
#pragma once

#include <array>
#include <chrono>
#include <optional>

namespace sweepgate::gate {

struct LinkOrder {
    unsigned side = 0; // 0 or 1
    bool up = false;
    friend bool operator==(const LinkOrder&, const LinkOrder&) = default;
};

struct LinkPatience {
    /// How long a link must look the same before it counts.
    std::chrono::milliseconds debounce{100};
    /// How long a link that was just started or given back may need.
    std::chrono::milliseconds settle{10'000};
};

class LinkCarry {
public:
    using Instant = std::chrono::steady_clock::time_point;

    /// Both sides have just been started. `can_hold`: whether this side can be taken down at all.
    LinkCarry(Instant now, std::array<bool, 2> can_hold, LinkPatience patience = {});

    /// One look at both links. What is returned has to be done to the port.
    [[nodiscard]] std::optional<LinkOrder> look(Instant now, std::array<bool, 2> up);

    /// The side that is held down.
    [[nodiscard]] std::optional<unsigned> held() const { return held_; }

private:
    struct Side {
        bool up = true; // what counts, debounced
        std::optional<Instant> differs_since;
        std::optional<Instant> settles_until;
    };

    void start(Side& side, Instant now) const;
    void notice(Side& side, Instant now, bool up) const;

    LinkPatience patience_;
    std::array<bool, 2> can_hold_;
    std::array<Side, 2> sides_;
    std::optional<unsigned> held_;
};

} // namespace sweepgate::gate
