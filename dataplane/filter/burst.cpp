// SPDX-License-Identifier: Apache-2.0
// A burst at a time: parse all, look all addresses up, and only for the few that hit something
// ask what the hit means. The addresses lie in arrays, because that is the form in which a lookup
// can overlap its cache misses or run on vector registers.
#include <array>

#include "dataplane/filter/judge.hpp"

namespace sweepgate::filter {

namespace {

/// Packets of one family: their addresses in pairs (source, destination) and where they came from.
template <typename Bits>
struct Gathered {
    std::array<Bits, 2 * kMaxBurst> addresses;
    std::array<ClassId, 2 * kMaxBurst> ids;
    std::array<std::uint8_t, kMaxBurst> origin;
    std::size_t count = 0;

    void add(const Parsed& parsed, std::size_t index) {
        addresses[2 * count] = static_cast<Bits>(parsed.source);
        addresses[2 * count + 1] = static_cast<Bits>(parsed.destination);
        origin[count++] = static_cast<std::uint8_t>(index);
    }

    void judge(const Tables& tables, const Parsed* parsed, Judgement* judgements) noexcept {
        tables.lookup(addresses.data(), 2 * count, ids.data());
        for (std::size_t i = 0; i < count; ++i) {
            if ((ids[2 * i] | ids[2 * i + 1]) == kUnlisted) continue;
            const auto index = origin[i];
            judgements[index] =
                to_judgement(decide(tables, parsed[index], ids[2 * i], ids[2 * i + 1]));
        }
    }
};

Verdict malformed(MalformedFate fate) {
    return fate == MalformedFate::drop ? Verdict::drop_malformed : Verdict::pass_malformed;
}

} // namespace

void judge_burst(const Tables& tables, MalformedFate fate, const Frame* frames, std::size_t count,
                 Judgement* judgements) noexcept {
    std::array<Parsed, kMaxBurst> parsed;
    Gathered<std::uint32_t> ipv4;
    Gathered<Uint128> ipv6;
    for (std::size_t i = 0; i < count; ++i) {
        parsed[i] = parse(frames[i].bytes, frames[i].length, frames[i].wire_length);
        judgements[i] = {Verdict::pass, kNoSystem};
        switch (parsed[i].kind) {
        case Kind::ipv4: ipv4.add(parsed[i], i); break;
        case Kind::ipv6: ipv6.add(parsed[i], i); break;
        case Kind::not_ip: judgements[i].verdict = Verdict::pass_not_ip; break;
        case Kind::malformed: judgements[i].verdict = malformed(fate); break;
        }
    }
    ipv4.judge(tables, parsed.data(), judgements);
    if (ipv6.count > 0) ipv6.judge(tables, parsed.data(), judgements);
}

} // namespace sweepgate::filter
