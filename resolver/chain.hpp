// SPDX-License-Identifier: Apache-2.0
// The CNAME chain of one answer: followed by owner name, wherever in the message its records
// stand. Each name is read once, so records are few and comparing them costs nothing to speak of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "resolver/message.hpp"

namespace sweepgate::dns {

inline constexpr std::size_t kMostHops = 16;
inline constexpr std::size_t kMostCnames = 64;

class Chain {
public:
    explicit Chain(const Message& message) : message_(message) {}

    /// One CNAME record of the answer section. False: one more than kMostCnames.
    [[nodiscard]] bool add(const Record& cname);
    /// From the name at `question`, at most `most` hops (kMostHops + 1: to the end, so that a
    /// chain of more than kMostHops shows). Appends each target as text.
    ///   returns  false: a name is none, or one owner has two targets (RFC 2181 section 10.1)
    [[nodiscard]] bool follow(std::size_t question, std::size_t most,
                              std::vector<std::string>& targets);

    /// After follow(): where the labels of the last name begin.
    [[nodiscard]] std::size_t end() const { return end_; }
    /// Of the records on the way, as effective_ttl(); the highest number there is without any.
    [[nodiscard]] std::uint32_t lowest_ttl() const { return lowest_ttl_; }

private:
    struct Cname {
        Record record;
        WireName owner; // not before follow()
    };

    [[nodiscard]] bool step(WireName& end, bool& moved);

    const Message& message_;
    std::vector<Cname> cnames_;
    std::size_t end_ = 0;
    std::uint32_t lowest_ttl_ = std::numeric_limits<std::uint32_t>::max();
};

} // namespace sweepgate::dns
