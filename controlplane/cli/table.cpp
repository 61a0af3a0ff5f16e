// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/table.hpp"

#include <algorithm>
#include <numeric>
#include <ostream>

namespace sweepgate::cli {

namespace {

using Widths = std::vector<std::size_t>;
using Row = std::vector<std::string>;

constexpr std::size_t kGap = 2;

std::size_t width_of_row(const Widths& widths) {
    const auto gaps = widths.empty() ? 0 : kGap * (widths.size() - 1);
    return std::accumulate(widths.begin(), widths.end(), gaps);
}

void print_line(std::ostream& out, const Row& cells, const Widths& widths,
                const std::vector<bool>& right) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto width = display_width(cells[i]);
        const std::string fill(widths[i] - std::min(widths[i], width), ' ');
        line += right[i] ? fill + cells[i] : cells[i] + fill;
        line += std::string(kGap, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
}

} // namespace

Column::Column(std::string header) : header_(std::move(header)) {
    right_ = header_.starts_with('>');
    if (right_) header_.erase(0, 1);
}

Column Column::rank(unsigned rank) && {
    rank_ = rank;
    return std::move(*this);
}

Column Column::cuts(std::size_t least) && {
    least_ = std::max(least, display_width(header_));
    return std::move(*this);
}

Column Column::wraps(std::size_t least) && {
    wraps_ = true;
    return std::move(*this).cuts(least);
}

Column Column::unless_empty() && {
    unless_empty_ = true;
    return std::move(*this);
}

/// Finds the layout for one screen, and prints by it.
class Table::Printer {
public:
    Printer(const std::vector<Column>& columns, std::vector<Row> rows, const Screen& screen)
        : columns_(columns), rows_(std::move(rows)), screen_(screen) {
        if (screen_.ascii)
            for (auto& row : rows_)
                for (auto& cell : row) cell = in_ascii(cell);
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (!columns_[i].unless_empty_ || !is_empty(i)) shown_.push_back(i);
        lay_out();
    }

    void print(std::ostream& out) const {
        Row headers;
        std::vector<bool> right;
        for (const auto i : shown_) {
            headers.push_back(columns_[i].header_);
            right.push_back(columns_[i].right_);
        }
        print_line(out, headers, widths_, right);
        for (const auto& row : rows_)
            for (const auto& line : lines_of(row)) print_line(out, line, widths_, right);
    }

private:
    [[nodiscard]] bool is_empty(std::size_t column) const {
        return std::ranges::all_of(
            rows_, [&](const Row& row) { return row[column].empty() || row[column] == "0"; });
    }

    [[nodiscard]] Widths natural_widths() const {
        Widths widths;
        for (const auto i : shown_) {
            auto width = display_width(columns_[i].header_);
            for (const auto& row : rows_) width = std::max(width, display_width(row[i]));
            widths.push_back(width);
        }
        return widths;
    }

    /// Narrower until it fits or no column can give any more: the least important column first,
    /// among equals the one with the most to give.
    void shrink() {
        while (width_of_row(widths_) > screen_.columns) {
            std::size_t giver = shown_.size();
            for (std::size_t i = 0; i < shown_.size(); ++i)
                if (room(i) > 0 && (giver == shown_.size() || key(i) > key(giver))) giver = i;
            if (giver == shown_.size()) return;
            --widths_[giver];
        }
    }

    [[nodiscard]] std::size_t room(std::size_t place) const {
        const auto least = columns_[shown_[place]].least_;
        return least == 0 ? 0 : widths_[place] - std::min(widths_[place], least);
    }

    [[nodiscard]] std::pair<unsigned, std::size_t> key(std::size_t place) const {
        return {columns_[shown_[place]].rank_, room(place)};
    }

    void lay_out() {
        for (;;) {
            widths_ = natural_widths();
            shrink();
            if (width_of_row(widths_) <= screen_.columns) return;
            const auto least_wanted = std::ranges::max_element(
                shown_, {}, [this](std::size_t i) { return std::pair(columns_[i].rank_, i); });
            if (least_wanted == shown_.end() || columns_[*least_wanted].rank_ == 0) return;
            shown_.erase(least_wanted);
        }
    }

    /// Several where a cell goes on in the line below.
    [[nodiscard]] std::vector<Row> lines_of(const Row& row) const {
        std::vector<Row> lines(1, Row(shown_.size()));
        for (std::size_t i = 0; i < shown_.size(); ++i) {
            const auto& column = columns_[shown_[i]];
            const auto& cell = row[shown_[i]];
            if (!column.wraps_) {
                lines.front()[i] = column.least_ == 0 ? cell : cut(cell, widths_[i], screen_.ascii);
                continue;
            }
            const auto parts = wrapped(cell, widths_[i]);
            while (lines.size() < parts.size()) lines.emplace_back(shown_.size());
            for (std::size_t k = 0; k < parts.size(); ++k) lines[k][i] = parts[k];
        }
        return lines;
    }

    const std::vector<Column>& columns_;
    std::vector<Row> rows_;
    const Screen screen_;
    std::vector<std::size_t> shown_; // indices of columns
    Widths widths_;                  // of those shown
};

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::add(std::vector<std::string> row) {
    row.resize(columns_.size());
    for (auto& cell : row) cell = printable(cell);
    rows_.push_back(std::move(row));
}

void Table::print(std::ostream& out) const { Printer(columns_, rows_, screen_of(out)).print(out); }

} // namespace sweepgate::cli
