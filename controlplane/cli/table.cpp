// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/table.hpp"

#include <algorithm>
#include <ostream>

namespace sweepgate::cli {

namespace {

/// Columns on the terminal: UTF-8 continuation bytes take none.
std::size_t columns(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

void print_row(std::ostream& out, const std::vector<std::string>& row,
               const std::vector<std::size_t>& widths, const std::vector<bool>& right) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string fill(widths[i] - columns(row[i]), ' ');
        line += right[i] ? fill + row[i] : row[i] + fill;
        line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
}

} // namespace

Table::Table(std::vector<std::string> headers) : headers_(std::move(headers)) {
    for (auto& header : headers_) {
        right_.push_back(header.starts_with('>'));
        if (right_.back()) header.erase(0, 1);
    }
}

void Table::add(std::vector<std::string> row) {
    row.resize(headers_.size());
    for (auto& cell : row) cell = printable(std::move(cell));
    rows_.push_back(std::move(row));
}

void Table::print(std::ostream& out) const {
    std::vector<std::size_t> widths;
    for (const auto& header : headers_) widths.push_back(columns(header));
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], columns(row[i]));
    print_row(out, headers_, widths, right_);
    for (const auto& row : rows_) print_row(out, row, widths, right_);
}

} // namespace sweepgate::cli
