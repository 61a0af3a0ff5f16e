// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/link_carry.hpp"

namespace sweepgate::gate {

LinkCarry::LinkCarry(Instant now, std::array<bool, 2> can_hold, LinkPatience patience)
    : patience_(patience), can_hold_(can_hold) {
    for (auto& side : sides_) start(side, now);
}

void LinkCarry::start(Side& side, Instant now) const {
    side.up = true;
    side.differs_since.reset();
    side.settles_until = now + patience_.settle;
}

void LinkCarry::notice(Side& side, Instant now, bool up) const {
    if (up) side.settles_until.reset();
    if (!up && side.settles_until && now < *side.settles_until) return;
    if (up == side.up) {
        side.differs_since.reset();
        return;
    }
    if (!side.differs_since) side.differs_since = now;
    if (now - *side.differs_since < patience_.debounce) return;
    side.up = up;
    side.differs_since.reset();
    side.settles_until.reset();
}

std::optional<LinkOrder> LinkCarry::look(Instant now, std::array<bool, 2> up) {
    for (unsigned i = 0; i < 2; ++i)
        if (held_ != i) notice(sides_[i], now, up[i]);
    if (held_) {
        const auto held = *held_;
        if (!sides_[1 - held].up) return std::nullopt;
        held_.reset();
        start(sides_[held], now);
        return LinkOrder{held, true};
    }
    for (unsigned i = 0; i < 2; ++i) {
        if (sides_[i].up || !sides_[1 - i].up || !can_hold_[1 - i]) continue;
        held_ = 1 - i;
        return LinkOrder{1 - i, false};
    }
    return std::nullopt;
}

} // namespace sweepgate::gate
