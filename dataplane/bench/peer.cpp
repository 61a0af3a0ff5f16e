// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bench/peer.hpp"

#include "dataplane/filter/bytes.hpp"
#include "dataplane/filter/frame_of.hpp"
#include "dataplane/filter/headers.hpp"
#include "dataplane/filter/judge.hpp"
#include "dataplane/filter/screen.hpp"

namespace sweepgate::bench {

namespace {

/// Untagged IPv4 without options, as the filter's portable screen takes it.
bool is_plain(const filter::Frame& frame) {
    if (frame.length < filter::kEthernetHeader + filter::kIpv4Header) return false;
    const auto* header = frame.bytes + filter::kEthernetHeader;
    const std::size_t total = filter::read16(header + 2);
    return filter::read16(header - 2) == filter::kTypeIpv4 && header[0] == 0x45 &&
           total >= filter::kIpv4Header && total <= frame.length - filter::kEthernetHeader;
}

class Sweepgate : public Peer {
public:
    Sweepgate(std::shared_ptr<const filter::Tables> tables, const filter::Screen& screen)
        : tables_(std::move(tables)), screen_(screen) {}
    std::string name() const override { return "sweepgate, " + std::string(screen_.name); }
    std::uint64_t listed(rte_mbuf* const* mbufs, std::size_t count) override {
        auto judged = filter::judge_burst(*tables_, filter::MalformedFate::drop, mbufs, count,
                                          judgements_.data(), screen_);
        for (auto left = judged; left != 0; left &= left - 1) {
            const auto i = static_cast<unsigned>(std::countr_zero(left));
            if (filter::passes(judgements_[i].verdict)) judged &= ~(std::uint64_t{1} << i);
        }
        return judged;
    }

private:
    std::shared_ptr<const filter::Tables> tables_;
    const filter::Screen& screen_;
    std::array<filter::Judgement, filter::kMaxBurst> judgements_;
};

} // namespace

void read_addresses(rte_mbuf* const* mbufs, std::size_t count, Addresses& addresses) {
    static constexpr std::array<std::uint8_t, 8> kNowhere{};
    for (std::size_t i = 0; i < count; ++i) {
        const auto frame = filter::frame_of(mbufs[i]);
        const auto* pair =
            is_plain(frame) ? frame.bytes + filter::kEthernetHeader + 12 : &kNowhere[0];
        addresses.bytes[2 * i] = pair;
        addresses.bytes[2 * i + 1] = pair + 4;
        addresses.values[2 * i] = filter::read32(pair);
        addresses.values[2 * i + 1] = filter::read32(pair + 4);
    }
}

Result<LoadedPeers> make_sweepgate(const Snapshot& snapshot) {
    auto compiled = filter::Tables::compile(snapshot);
    if (!compiled) return tl::unexpected(compiled.error());
    const std::shared_ptr<const filter::Tables> tables = std::move(*compiled);
    LoadedPeers made;
    made.loaded = snapshot.entries.size();
    for (const auto& screen : filter::screens())
        made.peers.push_back(std::make_unique<Sweepgate>(tables, screen));
    return made;
}

} // namespace sweepgate::bench
