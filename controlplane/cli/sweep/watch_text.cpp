// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/watch_text.hpp"

#include <algorithm>
#include <ostream>
#include <sstream>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "controlplane/cli/table.hpp"
#include "controlplane/cli/timeline.hpp"

namespace sweepgate::cli {

namespace {

using Kind = WatchChange::Kind;

constexpr std::size_t kNewest = 8; // changes at the bottom of the screen
constexpr std::chrono::seconds kFresh{60};

std::string utc(WallClock::time_point time) {
    return instant_text(std::chrono::floor<std::chrono::seconds>(time));
}

const char* word(Kind kind) {
    switch (kind) {
    case Kind::first: return "first";
    case Kind::appeared: return "appeared";
    case Kind::gone: return "gone";
    case Kind::status: return "status";
    }
    return "";
}

/// The newest first; "+" marks what is new within a minute of watching, "?" what the last answer
/// did not hold.
std::string values_cell(const Watched& row, WatchClock::time_point now) {
    std::string cell;
    for (auto value = row.values.rbegin(); value != row.values.rend(); ++value) {
        const bool fresh =
            value->first_seen != row.values.front().first_seen && now - value->first_seen < kFresh;
        cell += (cell.empty() ? "" : " ") + std::string(fresh ? "+" : "") + value->text +
                (value->missing > 0 ? "?" : "");
    }
    return cell;
}

std::vector<std::string> table_lines(std::span<const Watched> rows, WatchClock::time_point now) {
    Table table({"NAME", "TYPE", "STATUS", ">TTL", ">NEXT", ">SEEN", "VALUES"});
    for (const auto& row : rows) {
        const auto wait = std::chrono::ceil<std::chrono::seconds>(row.due - now);
        table.add({row.question.name, std::string(to_string(row.question.type)),
                   row.asked ? std::string(to_string(row.outcome)) : "...", std::to_string(row.ttl),
                   fmt::format("{} s", std::max<long long>(wait.count(), 0)),
                   std::to_string(row.values.size()), values_cell(row, now)});
    }
    std::ostringstream text;
    table.print(text);
    std::vector<std::string> lines;
    std::istringstream printed(text.str());
    for (std::string line; std::getline(printed, line);) lines.push_back(line);
    return lines;
}

} // namespace

std::string watch_line(const WatchChange& change, WallClock::time_point time) {
    const auto subject =
        fmt::format("{} {}", change.question.name, to_string(change.question.type));
    const auto values = fmt::format("{}", fmt::join(change.values, " "));
    const auto blank = values.empty() ? "" : " ";
    switch (change.kind) {
    case Kind::first:
        return fmt::format("{} = {} {} {}{}{}", utc(time), subject, to_string(change.outcome),
                           change.ttl, blank, values);
    case Kind::appeared: return fmt::format("{} + {} {}", utc(time), subject, values);
    case Kind::gone: return fmt::format("{} - {} {}", utc(time), subject, values);
    case Kind::status:
        return fmt::format("{} ! {} {} (was {})", utc(time), subject, to_string(change.outcome),
                           to_string(change.before));
    }
    return {};
}

std::string watch_json(const WatchChange& change, WallClock::time_point time) {
    nlohmann::ordered_json object;
    object["kind"] = "change";
    object["time"] = utc(time);
    object["change"] = word(change.kind);
    object["name"] = change.question.name;
    object["type"] = to_string(change.question.type);
    object["status"] = to_string(change.outcome);
    object["before"] = nullptr;
    if (change.kind == Kind::status) object["before"] = to_string(change.before);
    object["ttl"] = change.ttl;
    object["values"] = change.values;
    return json_text(object);
}

void WatchScreen::note(std::string line) {
    newest_.push_back(std::move(line));
    if (newest_.size() > kNewest) newest_.pop_front();
}

void WatchScreen::draw(std::span<const Watched> rows, const std::string& headline,
                       WatchClock::time_point now, ScreenSize size) {
    // The cursor rests on a line of its own below, or the terminal would scroll.
    const auto room = std::max<std::size_t>(size.rows, 4) - 1;
    const auto bottom = std::min(newest_.size(), room / 3);
    std::vector<std::string> lines{headline};
    auto table = table_lines(rows, now);
    const auto for_table = room - 1 - (bottom > 0 ? bottom + 1 : 0);
    if (table.size() > for_table) {
        const auto hidden = table.size() - for_table + 1;
        table.resize(for_table - 1);
        table.push_back(fmt::format("… and {} more", hidden));
    }
    lines.insert(lines.end(), table.begin(), table.end());
    if (bottom > 0) lines.emplace_back();
    lines.insert(lines.end(), newest_.end() - static_cast<std::ptrdiff_t>(bottom), newest_.end());
    std::string text = drawn_ > 0 ? fmt::format("\x1b[{}A\r\x1b[J", drawn_) : "";
    const bool ascii = screen_of(out_).ascii;
    for (const auto& line : lines)
        text += cut(ascii ? in_ascii(line) : line, size.columns, ascii) + '\n';
    drawn_ = lines.size();
    out_ << text << std::flush;
}

} // namespace sweepgate::cli
