// SPDX-License-Identifier: Apache-2.0
#include "tests/peers/dns/results.hpp"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sweepgate::test {

namespace {

double median_of(const std::vector<Measured>& runs, double Measured::*member) {
    std::vector<double> values;
    for (const auto& run : runs) values.push_back(run.*member);
    std::ranges::sort(values);
    return values[values.size() / 2];
}

unsigned most_of(const std::vector<Measured>& runs, unsigned Measured::*member) {
    unsigned most = 0;
    for (const auto& run : runs) most = std::max(most, run.*member);
    return most;
}

double bytes_a_name(const Measured& run) {
    return static_cast<double>(run.peak_bytes) / std::max(1U, run.answers);
}

} // namespace

double Results::median(const std::string& name, const std::string& sweeper,
                       double Measured::*member) const {
    return median_of(rows_.at(name).at(sweeper), member);
}

void Results::add_clean_bars(std::vector<Bar>& bars) const {
    const auto ratio =
        median("clean", "c-ares", &Measured::cpu_s) / median("clean", "ours", &Measured::cpu_s);
    bars.push_back({"clean: names per CPU-second, ours / c-ares", ratio, ">= 0.85", ratio >= 0.85});
    const auto printed = median("clean, printed", "c-ares", &Measured::cpu_s) /
                         median("clean, printed", "ours", &Measured::cpu_s);
    bars.push_back(
        {"clean, printed: the same, ours as JSON / c-ares as a table", printed, "", true});
    const auto bytes = bytes_a_name(rows_.at("clean, printed").at("ours").back());
    bars.push_back({"clean, printed: memory, B a name", bytes, "<= 300", bytes <= 300});
}

std::vector<Results::Bar> Results::bars() const {
    std::vector<Bar> bars;
    if (has("clean")) add_clean_bars(bars);
    if (has("tail")) {
        const auto best = std::min(median("tail", "c-ares", &Measured::wall_s),
                                   median("tail", "c-ares layered", &Measured::wall_s));
        const auto ratio = median("tail", "ours", &Measured::wall_s) / best;
        bars.push_back({"tail: wall, ours / the better c-ares", ratio, "<= 1.1", ratio <= 1.1});
    }
    if (has("first silent")) {
        const auto wall = median("first silent", "ours", &Measured::wall_s);
        bars.push_back({"first silent: wall of 5,000 names, s", wall, "<= 1.2", wall <= 1.2});
    }
    for (const auto& [name, sweepers] : rows_) {
        const auto& ours = sweepers.at("ours");
        if (!ours.front().checked) continue;
        const auto wrong = most_of(ours, &Measured::wrong);
        bars.push_back({name + ": wrong answers", static_cast<double>(wrong), "= 0", wrong == 0});
        if (name.find("above") == std::string::npos) continue;
        const auto lost = most_of(ours, &Measured::timeouts);
        bars.push_back({name + ": names lost", static_cast<double>(lost), "= 0", lost == 0});
    }
    return bars;
}

void Results::report(const std::string& json_file) const {
    nlohmann::ordered_json all;
    fmt::print("{:<34} {:<15} {:>4} {:>8} {:>8} {:>10} {:>8} {:>6} {:>8} {:>7}\n", "", "", "runs",
               "wall s", "CPU s", "names/CPUs", "answers", "wrong", "timeouts", "B/name");
    for (const auto& [name, sweepers] : rows_)
        for (const auto& [sweeper, runs] : sweepers) {
            const auto& last = runs.back();
            const auto wall = median_of(runs, &Measured::wall_s);
            const auto cpu = median_of(runs, &Measured::cpu_s);
            fmt::print(
                "{:<34} {:<15} {:>4} {:>8.3f} {:>8.3f} {:>10.0f} {:>8} {:>6} {:>8} {:>7.0f}\n",
                name, sweeper, runs.size(), wall, cpu, last.answers / std::max(cpu, 1e-9),
                last.answers, most_of(runs, &Measured::wrong), last.timeouts, bytes_a_name(last));
            all["cases"][name][sweeper] = {{"runs", runs.size()}, {"wall_s", wall},
                                           {"cpu_s", cpu},        {"answers", last.answers},
                                           {"wrong", last.wrong}, {"timeouts", last.timeouts},
                                           {"sent", last.sent},   {"peak_bytes", last.peak_bytes}};
        }
    for (const auto& bar : bars()) {
        fmt::print("{:<64} {:>8.3f} {:>8} {}\n", bar.what, bar.value, bar.limit,
                   bar.limit.empty() ? ""
                   : bar.held        ? "held"
                                     : "MISSED");
        all["bars"][bar.what] = bar.value;
    }
    if (!json_file.empty()) std::ofstream(json_file) << all.dump(2) << '\n';
}

} // namespace sweepgate::test
