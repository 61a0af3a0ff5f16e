// SPDX-License-Identifier: Apache-2.0
// Frames of a kernel interface may come before their checksum is there: who sends over a veth, a
// tap or inside one host leaves it to hardware that is never met (CHECKSUM_PARTIAL), and neither
// AF_PACKET's ring as DPDK reads it nor AF_XDP tells. What such a sender leaves in the field is
// known: the sum of the pseudo header (RFC 9293, 3.1) in TCP and UDP, nothing in SCTP. A frame
// that says so is completed before it is judged; any other stays as it came, right or wrong.
//
// One complete frame in 65536 has that value by chance, and is written as it was.
#pragma once

#include <cstddef>
#include <cstdint>

#include "controlplane/model/result.hpp"
#include "dataplane/gate/counters.hpp"

namespace sweepgate::gate {

/// Through tags, labels, sessions and tunnels, as filter::parse() reads them. The innermost
/// transport that was left open is completed; what lies around it was made to match already.
///   returns  whether the frame was changed
bool complete_checksum(std::uint8_t* frame, std::size_t length) noexcept;

struct ChecksumDuty {
    Counter* completed = nullptr;
};

/// From now on frames of the queue are completed as they come in. `duty` outlives the port.
[[nodiscard]] Status put_checksums(std::uint16_t port, std::uint16_t rx_queue, ChecksumDuty& duty);

} // namespace sweepgate::gate
