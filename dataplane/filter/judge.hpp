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

/// One layer by its own ends. `parsed` is IP.
[[nodiscard]] Decision judge(const Tables& tables, const Parsed& parsed) noexcept;

/// One layer, and what it quotes if it is an ICMP error.
///   frame, length, is_cut  as for read_quote()
[[nodiscard]] Decision judge_layer(const Tables& tables, const std::uint8_t* frame,
                                   std::size_t length, const Parsed& parsed, bool& is_cut) noexcept;

/// What a whole packet comes to.
struct Ruling {
    Decision decision;
    bool is_inner = false; // an inner layer decided
    bool is_cut = false;   // an inner layer or a quote was not read: it does not lie at `frame`
    /// A fragment ends inside the headers of what it carries. No honest one is so short (RFC 1858,
    /// 3; IPv4 fragments hold 48 bytes at least), and together with the next one it would carry
    /// them past the gate.
    bool is_beheaded = false;
};

/// `outer` and, when the tables say so, what it carries. An inner header that contradicts itself
/// is not judged: the outer packet is valid, and no tunnel's end will deliver what is inside.
///   frame   as given to parse(); `length` bytes lie there
///   outer   what parse() made of it; IP
[[nodiscard]] Ruling judge_layers(const Tables& tables, const std::uint8_t* frame,
                                  std::size_t length, const Parsed& outer) noexcept;

/// Judges `count` <= kMaxBurst packets. Never allocates, locks, logs or throws.
///   returns     bit i is set when packet i has another verdict than `pass`; only then is
///               judgements[i] written
[[nodiscard]] std::uint64_t judge_burst(const Tables& tables, MalformedFate fate,
                                        const Frame* frames, std::size_t count,
                                        Judgement* judgements,
                                        const Screen& screen = screens().front()) noexcept;
/// The same of DPDK's buffers. Headers may lie across the segments of a chain.
[[nodiscard]] std::uint64_t judge_burst(const Tables& tables, MalformedFate fate,
                                        rte_mbuf* const* mbufs, std::size_t count,
                                        Judgement* judgements,
                                        const Screen& screen = screens().front()) noexcept;

/// Verdicts as long as no tables are loaded: non-IP passes, IP as `bypass` says.
[[nodiscard]] Judgement judge_without_tables(const Frame& frame, bool bypass) noexcept;
[[nodiscard]] Judgement judge_without_tables(const rte_mbuf* mbuf, bool bypass) noexcept;

} // namespace sweepgate::filter
