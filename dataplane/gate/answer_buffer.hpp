// SPDX-License-Identifier: Apache-2.0
// A rejected packet's own buffer, turned into its answer.
#pragma once

struct rte_mbuf;

namespace sweepgate::gate {

/// Puts what answer_rejected() makes of the packet where the packet was, in the first buffer of
/// its chain; the others are freed. False, and nothing is touched, when no answer is due or the
/// buffer has no room.
[[nodiscard]] bool overwrite_with_answer(rte_mbuf* mbuf) noexcept;

} // namespace sweepgate::gate
