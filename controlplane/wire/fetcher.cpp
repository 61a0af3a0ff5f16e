// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/fetcher.hpp"

#include "controlplane/wire/envelope.hpp"
#include "controlplane/wire/payload.hpp"

namespace sweepgate::wire {

proto::Fetch Fetcher::start(Generation held, const Digest& digest) {
    active_ = true;
    generation_ = 0;
    total_ = 0;
    asked_ = kChunkBytes;
    bytes_.clear();
    proto::Fetch fetch;
    if (held != 0) {
        fetch.set_held_generation(held);
        fetch.set_held_digest(to_wire_bytes(digest));
    }
    return fetch;
}

Status Fetcher::take(const proto::Chunk& chunk) {
    const bool first = generation_ == 0;
    const auto expected = std::min<std::uint64_t>(kChunkBytes, chunk.total() - bytes_.size());
    const bool fits = active_ && chunk.generation() != 0 && chunk.total() <= kMaxChainBytes &&
                      chunk.offset() == bytes_.size() && chunk.offset() < chunk.total() &&
                      chunk.part().size() == expected &&
                      (first || (chunk.generation() == generation_ && chunk.total() == total_));
    if (!fits) {
        active_ = false;
        return fail(Errc::bad_input, "a chunk at " + std::to_string(chunk.offset()) + " of " +
                                         std::to_string(chunk.total()) + " does not fit");
    }
    generation_ = chunk.generation();
    total_ = chunk.total();
    bytes_ += chunk.part();
    return {};
}

std::vector<proto::Fetch> Fetcher::wanted() {
    std::vector<proto::Fetch> fetches;
    while (active_ && generation_ != 0 && asked_ < total_ &&
           asked_ < bytes_.size() + kWindow * kChunkBytes) {
        fetches.emplace_back().set_generation(generation_);
        fetches.back().set_offset(asked_);
        asked_ += kChunkBytes;
    }
    return fetches;
}

std::optional<std::string> Fetcher::finished() {
    if (!active_ || generation_ == 0 || bytes_.size() != total_) return std::nullopt;
    active_ = false;
    return std::move(bytes_);
}

} // namespace sweepgate::wire
