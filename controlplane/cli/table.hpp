// SPDX-License-Identifier: Apache-2.0
// Plain text tables: columns as wide as their widest cell, two blanks between.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "controlplane/model/text.hpp"

namespace sweepgate::cli {

class Table {
public:
    /// A header that starts with '>' is right-aligned (numbers); the '>' is not printed.
    explicit Table(std::vector<std::string> headers);
    /// Short rows are filled with empty cells; cells beyond the headers are dropped.
    void add(std::vector<std::string> row);
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    void print(std::ostream& out) const;

private:
    std::vector<std::string> headers_;
    std::vector<bool> right_;
    std::vector<std::vector<std::string>> rows_;
};

/// Control characters from the network never reach a terminal.
using sweepgate::printable;

} // namespace sweepgate::cli
