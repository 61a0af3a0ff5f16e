// SPDX-License-Identifier: Apache-2.0
// A filter that forges listed names only answers no name that cannot exist, so its block page is
// known by something else: names that have nothing in common elsewhere are one address there.
//
//     chat.example  192.0.2.53: 45.0.0.9    192.0.2.54: 64.12.0.1
//     im.example    192.0.2.53: 45.0.0.9    192.0.2.54: 45.57.1.7
//
// An address is one when a single resolver gives it, and by what the others say its names fall
// into three groups without a common address, or into two with names of different operators.
//
// Not told: with one resolver, or where all are filtered alike (then many operators on one address
// tell, GuardContext::sinkhole_operators); the names of one server that every region has another
// address of, which are one group. Inside a content network such addresses are usual.
#pragma once

#include <vector>

#include "controlplane/guard/plan_context.hpp"

namespace sweepgate {

///   entries  those of systems that are not enforced are passed over
[[nodiscard]] std::vector<Guarded>
find_collapses(const Catalog& catalog, const EntryPointers& entries, const SystemPlaces& places);

} // namespace sweepgate
