// SPDX-License-Identifier: Apache-2.0
// Plain text tables: columns as wide as their widest cell, two blanks between. On a screen too
// narrow for that the columns give way, the least important first; no row is wider than the screen
// as long as those that may do so can.
//
//   Table table({"GATE", Column("KIND").rank(2), Column(">HEARD"), Column("STATE").wraps(20)});
//   table.add({"lab/dpdk", "dpdk", "1 s", "current"});
//   table.print(out);   // knows the screen behind `out`, see terminal.hpp
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "controlplane/cli/terminal.hpp"
#include "controlplane/model/text.hpp"

namespace sweepgate::cli {

class Column {
public:
    /// A header that starts with '>' is right-aligned (numbers); the '>' is not printed.
    Column(std::string header); // NOLINT(google-explicit-constructor): most columns are a header
    Column(const char* header) : Column(std::string(header)) {} // NOLINT

    /// Where the row does not fit, the column of the highest rank goes; those of rank 0 stay.
    Column rank(unsigned rank) &&;
    /// Before any column goes, its cells may be cut to `least` columns, with an ellipsis.
    Column cuts(std::size_t least) &&;
    /// The same, but what does not fit continues in the line below.
    Column wraps(std::size_t least) &&;
    /// Not printed when all its cells are empty or "0".
    Column unless_empty() &&;

private:
    friend class Table;

    std::string header_;
    bool right_ = false;
    unsigned rank_ = 0;
    std::size_t least_ = 0; // 0: keeps its width
    bool wraps_ = false;
    bool unless_empty_ = false;
};

class Table {
public:
    explicit Table(std::vector<Column> columns);
    /// Short rows are filled with empty cells; cells beyond the headers are dropped. Control
    /// characters become '?'.
    void add(std::vector<std::string> row);
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    void print(std::ostream& out) const;

private:
    class Printer;

    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

/// Control characters from the network never reach a terminal.
using sweepgate::printable;

} // namespace sweepgate::cli
