// SPDX-License-Identifier: Apache-2.0
// From a parsed packet to its verdict, with exactly the meaning of controlplane/model/judge.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "controlplane/model/judge.hpp"
#include "dataplane/filter/parse.hpp"
#include "dataplane/filter/screen.hpp"
#include "dataplane/filter/tables.hpp"
#include "dataplane/filter/verdict.hpp"

namespace sweepgate::filter {

/// `parsed` is IP.
[[nodiscard]] Decision judge(const Tables& tables, const Parsed& parsed) noexcept;

/// The same when both ends have been looked up already.
[[nodiscard]] Decision decide(const Tables& tables, const Parsed& parsed, ClassId source_id,
                              ClassId destination_id) noexcept;

/// Judges `count` <= kMaxBurst packets. Never allocates, locks, logs or throws.
///   returns     bit i is set when packet i has another verdict than `pass`; only then is
///               judgements[i] written
[[nodiscard]] std::uint64_t judge_burst(const Tables& tables, MalformedFate fate,
                                        const Frame* frames, std::size_t count,
                                        Judgement* judgements,
                                        const Screen& screen = screens().front()) noexcept;
/// The same of DPDK's buffers. Headers must lie in the first segment.
[[nodiscard]] std::uint64_t judge_burst(const Tables& tables, MalformedFate fate,
                                        rte_mbuf* const* mbufs, std::size_t count,
                                        Judgement* judgements,
                                        const Screen& screen = screens().front()) noexcept;

/// Verdicts as long as no tables are loaded: non-IP passes, IP as `bypass` says.
[[nodiscard]] Judgement judge_without_tables(const Frame& frame, bool bypass) noexcept;

} // namespace sweepgate::filter
