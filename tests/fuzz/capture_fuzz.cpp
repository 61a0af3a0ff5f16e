// SPDX-License-Identifier: Apache-2.0
// Any bytes as a capture file: read to its end without a byte read beyond it, and every packet
// framed. What is read is the file, piece by piece.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "dataplane/filter/parse.hpp"
#include "dataplane/replay/framing.hpp"
#include "dataplane/replay/savefile.hpp"

using namespace sweepgate;
using namespace sweepgate::replay;

namespace {

/// In memory of exactly its size, so that the sanitizer sees one byte too many.
void frame_exactly(Framer& framer, Packet packet) {
    const auto exact = std::make_unique<std::uint8_t[]>(packet.bytes.size());
    std::copy(packet.bytes.begin(), packet.bytes.end(), exact.get());
    packet.bytes = {exact.get(), packet.bytes.size()};
    const auto framed = framer.frame(packet);
    if (!framed.unjudged.empty()) return;
    const auto& frame = framed.frame;
    if (frame.wire_length < frame.length) std::abort();
    const auto parsed = filter::parse(frame.bytes, frame.length, frame.wire_length);
    if (parsed.kind == filter::Kind::not_ip && kind_of_not_ip(frame).empty()) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    if (size == 0) return 0;
    std::vector<std::uint8_t> copy(input, input + size);
    File file(fmemopen(copy.data(), size, "rb"));
    if (!file) return 0;
    const auto savefile = open_savefile(std::move(file));
    if (!savefile) return 0;
    Framer framer;
    std::size_t at = 0;
    for (;;) {
        const auto piece = (*savefile)->next();
        if (!piece || !*piece) break;
        const auto raw = (*piece)->raw;
        // A section's length is forgotten: eight bytes at 16.
        const bool is_section = raw.size() >= 4 && raw[0] == 0x0A && raw[1] == 0x0D;
        const auto alike = is_section ? std::min<std::size_t>(raw.size(), 16) : raw.size();
        if (at + raw.size() > size || std::memcmp(raw.data(), input + at, alike) != 0) std::abort();
        at += raw.size();
        if ((*piece)->packet) frame_exactly(framer, *(*piece)->packet);
    }
    return 0;
}
