// SPDX-License-Identifier: Apache-2.0
// How far from the truth a count may be when some records stand for more hits than one.
//
// A hit is picked with a likelihood of one to its record's weight, so a count is unbiased, and its
// variance at most the sum of the squared weights of the records in it (Horvitz-Thompson). That
// alone would call a key exact whose hits were never picked: of h such hits none is picked with a
// likelihood of (1 - 1 / weight)^h, which is below 0.1 % from seven times the weight on. Together,
// an empirical Bernstein bound (Maurer, Pontil, 2009) for 99.9 %. What was never picked bounds it
// for certain.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace sweepgate::who {

class Sampling {
public:
    void add(std::uint64_t weight) {
        if (weight <= 1) return;
        hidden_ += weight - 1;
        heaviest_ = std::max(heaviest_, weight);
    }
    void merge(const Sampling& other) {
        hidden_ += other.hidden_;
        heaviest_ = std::max(heaviest_, other.heaviest_);
    }
    /// What a record of this weight adds to its key's spread.
    [[nodiscard]] static double spread(std::uint64_t weight) {
        return weight <= 1 ? 0 : static_cast<double>(weight) * static_cast<double>(weight);
    }
    /// By how many hits the count of a key with that spread may be off, to either side. 0 as long
    /// as every hit left a record.
    [[nodiscard]] std::uint64_t error(double spread) const {
        constexpr double kDeviations = 4;
        constexpr double kWeights = 7;
        const auto likely =
            kDeviations * std::sqrt(spread) + kWeights * static_cast<double>(heaviest_);
        const auto certain = static_cast<double>(hidden_);
        return static_cast<std::uint64_t>(std::ceil(std::min(likely, certain)));
    }

private:
    std::uint64_t hidden_ = 0;   // hits without a record of their own
    std::uint64_t heaviest_ = 0; // weight above one
};

} // namespace sweepgate::who
