// SPDX-License-Identifier: Apache-2.0
// What a name server with faults says to one query; faulty_server.hpp carries it.
#pragma once

#include <random>
#include <span>

#include "tests/unit/resolver/faulty_server.hpp"
#include "tests/unit/resolver/wire_text.hpp"

namespace sweepgate::test {

struct Query {
    std::uint16_t id = 0;
    std::string name;  // as sent
    std::string lower; // the same in lower case
    std::uint16_t type = 0;
    bool edns = false;
    Octets subnet; // payload of an ECS option
};

class FaultyAnswers {
public:
    FaultyAnswers(const Faults& faults, FaultyServerCounts& counts)
        : faults_(faults), counts_(counts) {}

    /// Empty: not a word. `over_rate`: there were too many queries before this one.
    [[nodiscard]] Octets to(std::span<const std::uint8_t> octets, bool over_tcp, bool over_rate);

private:
    [[nodiscard]] Octets answer_to(const Query& query, bool over_tcp);
    [[nodiscard]] Octets to_edns(const Query& query, const std::string& shown) const;
    [[nodiscard]] Octets by_label(const Query& query, const std::string& shown) const;
    [[nodiscard]] Octets by_truth(const Query& query, const std::string& shown, const Truth& truth,
                                  bool over_tcp) const;
    [[nodiscard]] Octets finished(const Query& query, AnswerMessage reply,
                                  bool may_edns = true) const;

    const Faults& faults_;
    FaultyServerCounts& counts_;
    bool formerr_done_ = false;
    std::minstd_rand dice_;
};

} // namespace sweepgate::test
