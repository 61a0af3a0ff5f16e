// SPDX-License-Identifier: Apache-2.0
// What one channel has sent and got no answer to, by id. c-ares takes a datagram for an answer
// when id and question are those of a query; boxes on the way leave the question out, or put in
// another, and c-ares throws such a datagram away without a word. Here its query is found.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace sweepgate::dns {

class Channel;

/// What a query in flight carries with it. Lives at a fixed place until it has arrived.
struct Carried {
    Channel* channel = nullptr; // of the last send(); null when none could be opened

    // Of InFlight alone, from add() on:
    std::span<const std::uint8_t> query;
    bool met_nonsense = false; // a datagram with its id was not its answer
    Carried* before = nullptr;
    Carried* behind = nullptr;
};

class InFlight {
public:
    /// `query` is at least a header.
    void add(Carried& carried, std::span<const std::uint8_t> query);
    void remove(Carried& carried);
    [[nodiscard]] unsigned count() const { return count_; }

    /// Any query with this id, or nullptr.
    [[nodiscard]] Carried* with_id(std::uint16_t id) const;

private:
    [[nodiscard]] Carried*& bucket_of(std::uint16_t id) { return buckets_[id % buckets_.size()]; }

    std::array<Carried*, 256> buckets_{};
    unsigned count_ = 0;
};

/// The first two octets of a message of at least two.
[[nodiscard]] inline std::uint16_t id_of(std::span<const std::uint8_t> message) {
    return static_cast<std::uint16_t>(message[0] << 8U | message[1]);
}

/// A reply (QR) of at least a header that repeats no question.
[[nodiscard]] bool lacks_question(std::span<const std::uint8_t> message);

/// Writes to `out` what stands for a reply without question: its header, and the question of
/// `query`, so that it can be matched.
///   returns  octets written; 0: `out` is too small, or `query` holds no question
[[nodiscard]] std::size_t write_with_question(std::span<const std::uint8_t> reply,
                                              std::span<const std::uint8_t> query,
                                              std::span<std::uint8_t> out);

} // namespace sweepgate::dns
