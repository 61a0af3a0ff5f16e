// SPDX-License-Identifier: Apache-2.0
// Snapshot -> program: the rules that make the kernel say what judge() says. Pure.
//
//   root:  either end in allow                          -> accept
//          ICMP error, quotes a packet of such an end   -> accept
//          class of daddr, then of saddr, is terminal   -> its chain: count, drop/reject
//          class of daddr, then of saddr, is limited    -> its chain: over the rate count and drop,
//                                                          else count, accept
//          class of daddr, then of saddr, is monitored  -> its chain: count, accept
//
// An address stands in one map only, of hosts or of ranges, whatever its class means; a verdict
// map for each pass and direction leads from the class to the chain. Several passes, because the
// reference lets a terminal action of the source side win over a monitor of the destination side;
// a pass costs lookups only where something is limited or monitored.
// An exclusive class that treats every group alike has one chain for both directions; other
// classes need to know which end is the client and have one for each.
#pragma once

#include "controlplane/nftables/names.hpp"
#include "controlplane/nftables/program.hpp"

namespace sweepgate::nftables {

struct CompileOptions {
    std::string tag;                // names the generation in the kernel
    Receipt receipt;                // becomes the comment of the root chain; its schedules count
    bool output = true;             // also build the entrances for input and output
    std::vector<Prefix> management; // joined with the snapshot's allow
    bool answers = true;            // false: what is rejected is dropped and counted as rejected
    bool tagged_only = false;       // in a bridge: untagged frames are judged elsewhere
};

/// Errors: bad_input when the snapshot is not valid.
[[nodiscard]] Result<Program> compile(const Snapshot& snapshot, const CompileOptions& options);

} // namespace sweepgate::nftables
