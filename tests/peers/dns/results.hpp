// SPDX-License-Identifier: Apache-2.0
// Runs by case and sweeper, their medians, and how they stand against the bars that are set.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/peers/dns/measured.hpp"

namespace sweepgate::test {

class Results {
public:
    void note(const std::string& name, const std::string& sweeper, const Measured& run) {
        rows_[name][sweeper].push_back(run);
    }
    /// A table of all runs, then each bar of a case that was run; in JSON too unless "".
    void report(const std::string& json_file) const;

private:
    using Runs = std::vector<Measured>;

    struct Bar {
        std::string what;
        double value;
        std::string limit; // ">= 0.85", or "" where none is set
        bool held;
    };

    [[nodiscard]] bool has(const std::string& name) const { return rows_.contains(name); }
    [[nodiscard]] double median(const std::string& name, const std::string& sweeper,
                                double Measured::*member) const;
    [[nodiscard]] std::vector<Bar> bars() const;
    void add_clean_bars(std::vector<Bar>& bars) const;

    std::map<std::string, std::map<std::string, Runs>> rows_;
};

} // namespace sweepgate::test
