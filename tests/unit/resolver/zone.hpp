// SPDX-License-Identifier: Apache-2.0
// A zone of any size in the mix that vendors' names have, and the truth about type A of each of
// them. The same size and seed give the same zone everywhere.
//
// Of 1,000 names about 640 have 1 to 8 addresses, 230 a chain of 1 to 5 CNAMEs in front of them,
// 15 have 30 addresses (more than 512 octets, less than 1,232), 5 have 100 (TCP), 40 do not
// exist, 40 have no address of this family, 10 give SERVFAIL, 10 lose 30 % of their packets and
// 10 lose all. Losing is up to the server: FaultyServer does it.
#pragma once

#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "resolver/answer.hpp"

namespace sweepgate::test {

struct Truth {
    Outcome outcome = Outcome::answered;
    std::vector<std::string> chain;
    std::vector<Address> addresses; // sorted
    std::uint32_t ttl = 0;          // s, lowest along the chain; of the SOA for negative answers
    unsigned lost_percent = 0;      // of the packets; 100: what there is cannot be seen
};

class Zone {
public:
    explicit Zone(unsigned names, unsigned seed = 7);

    /// Below sweep.test, or fail.test, for which a server has no data; shuffled.
    [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
    /// Without those that fail or get lost.
    [[nodiscard]] std::vector<std::string> sound_names() const;
    [[nodiscard]] const Truth* find(const std::string& name) const;
    /// Records of sweep.test as a zone file has them, behind SOA and NS.
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    void add(unsigned number);
    void add_addresses(const std::string& owner, unsigned count, Truth& truth);
    void add_chain(const std::string& label, Truth& truth);
    [[nodiscard]] unsigned below(unsigned limit) { return static_cast<unsigned>(bits_() % limit); }
    [[nodiscard]] std::uint32_t a_ttl();

    std::mt19937 bits_;
    std::string text_;
    std::vector<std::string> names_;
    std::unordered_map<std::string, Truth> truths_;
};

/// What is wrong with `answer`, or "". A lossy name may also end as TIMEOUT.
[[nodiscard]] std::string difference(const Truth& truth, const Answer& answer);

} // namespace sweepgate::test
