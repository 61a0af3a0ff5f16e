// SPDX-License-Identifier: Apache-2.0
// Not a test: the sweep measured beside c-ares used directly, in one run, with medians and
// ratios. Wall clocks of a shared machine mean little: CPU seconds, counts and ratios do.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "resolver/sweep.hpp"
#include "tests/peers/dns/measured.hpp"
#include "tests/peers/dns/raw_cares.hpp"
#include "tests/unit/resolver/faulty_server.hpp"
#include "tests/unit/resolver/namespace.hpp"
#include "tests/unit/resolver/nsd.hpp"

using namespace sweepgate;
using namespace sweepgate::test;
using namespace std::chrono_literals;

namespace {

class Bench {
public:
    Bench(unsigned names, unsigned runs) : zone_(names), runs_(runs) {}

    /// A real server, no delay: what a name costs.
    void clean() {
        const Nsd nsd(kFirst, zone_.text());
        const auto names = zone_.sound_names();
        const Sweeping sweep = ours(names, {kFirst}, 512);
        RawOptions raw{{kFirst}};
        for (unsigned run = 0; run < runs_; ++run) {
            note("clean", "ours", measure(zone_, Checks::none, sweep));
            note("clean", "c-ares", measure(zone_, Checks::none, peer(names, raw)));
            raw.read_answers = false;
            note("clean", "c-ares-unread", measure(zone_, Checks::none, peer(names, raw)));
            raw.read_answers = true;
        }
        note("clean-checked", "ours", measure(zone_, Checks::all, sweep));
        note("clean-checked", "c-ares", measure(zone_, Checks::addresses, peer(names, raw)));
    }

    /// 30 ms away; of 100 names one is dead, one loses packets, one gives SERVFAIL.
    void tail() {
        const FaultyServer first(kFirst, {.zone = &zone_, .delay = 30ms});
        const FaultyServer second(kSecond, {.zone = &zone_, .delay = 30ms});
        const RawOptions tuned{{kFirst, kSecond}, 2048, 250, 3};
        for (unsigned run = 0; run < std::min(runs_, 3U); ++run) {
            note("tail", "ours",
                 measure(zone_, Checks::all, ours(zone_.names(), {kFirst, kSecond}, 2048)));
            note("tail", "c-ares", measure(zone_, Checks::addresses, peer(zone_.names(), tuned)));
        }
    }

    void first_server_silent() {
        const FaultyServer first(kFirst, {.zone = &zone_, .delay = 30ms, .silent = true});
        const FaultyServer second(kSecond, {.zone = &zone_, .delay = 30ms});
        const auto names = few(5000);
        const RawOptions tuned{{kFirst, kSecond}, 1024, 250, 3};
        for (unsigned run = 0; run < std::min(runs_, 3U); ++run) {
            note("silent-first", "ours",
                 measure(zone_, Checks::all, ours(names, {kFirst, kSecond}, 1024)));
            note("silent-first", "c-ares", measure(zone_, Checks::addresses, peer(names, tuned)));
        }
    }

    /// Drops, or truncates, what is above its rate; nobody tells the sweep.
    void rate_limit() {
        const auto names = few(20000);
        for (const unsigned window : {512U, 2048U}) {
            const FaultyServer server(kFirst,
                                      {.zone = &zone_, .delay = 10ms, .most_per_second = 5000});
            const auto text = fmt::format("drops-above-5000/s, window {}", window);
            note(text, "ours", measure(zone_, Checks::all, ours(names, {kFirst}, window)));
            const RawOptions raw{{kFirst}, window, 2000, 3};
            note(text, "c-ares", measure(zone_, Checks::addresses, peer(names, raw)));
        }
        const FaultyServer server(kFirst, {.zone = &zone_,
                                           .delay = 20ms,
                                           .most_per_second = 1000,
                                           .above_rate = AboveRate::truncate});
        note("truncates-above-1000/s", "ours",
             measure(zone_, Checks::all, ours(names, {kFirst}, 512)));
    }

    void report(const std::string& json_file) const {
        fmt::print("{:<34} {:<14} {:>9} {:>9} {:>10} {:>9} {:>7} {:>8} {:>8}\n", "", "", "wall s",
                   "CPU s", "names/CPUs", "answers", "wrong", "timeout", "B/name");
        for (const auto& [name, sweepers] : rows_)
            for (const auto& [sweeper, runs] : sweepers) print(name, sweeper, runs);
        const auto ratio = ratios();
        for (const auto& [what, value] : ratio.items())
            fmt::print("{:<60} {:.3f}\n", what, value.get<double>());
        if (!json_file.empty()) std::ofstream(json_file) << to_json(ratio).dump(2) << '\n';
    }

private:
    using Runs = std::vector<Measured>;
    using Member = double (*)(const Measured&);

    static double wall(const Measured& run) { return run.wall_s; }
    static double cpu(const Measured& run) { return run.cpu_s; }

    static double median(const Runs& runs, Member of) {
        std::vector<double> values;
        for (const auto& run : runs) values.push_back(of(run));
        std::ranges::sort(values);
        return values[values.size() / 2];
    }

    void note(const std::string& name, const std::string& sweeper, const Measured& run) {
        rows_[name][sweeper].push_back(run);
    }

    [[nodiscard]] std::vector<std::string> few(std::size_t count) const {
        auto names = zone_.sound_names();
        names.resize(std::min(names.size(), count));
        return names;
    }

    static Sweeping ours(const std::vector<std::string>& names,
                         const std::vector<std::string>& servers, unsigned window) {
        std::vector<Question> questions;
        for (const auto& name : names) questions.push_back({name, RrType::a});
        SweepOptions options;
        options.servers = servers;
        options.window = window;
        return [questions = std::move(questions), options](const OnAnswer& on_answer) {
            const auto sweeper = Sweeper::create(options).value();
            (void)sweeper->sweep(questions, on_answer);
            return sweeper->tally().sent;
        };
    }

    static Sweeping peer(const std::vector<std::string>& names, const RawOptions& options) {
        return [names, options](const OnAnswer& on_answer) {
            sweep_raw(names, options, on_answer);
            return 0UL;
        };
    }

    static void print(const std::string& name, const std::string& sweeper, const Runs& runs) {
        const auto& last = runs.back();
        const auto cpu_s = median(runs, cpu);
        fmt::print("{:<34} {:<14} {:>9.3f} {:>9.3f} {:>10.0f} {:>9} {:>7} {:>8} {:>8.0f}\n", name,
                   sweeper, median(runs, wall), cpu_s, last.answers / std::max(cpu_s, 1e-9),
                   last.answers, last.wrong, last.timeouts,
                   static_cast<double>(last.peak_bytes) / std::max(1U, last.answers));
    }

    [[nodiscard]] nlohmann::ordered_json ratios() const {
        nlohmann::ordered_json ratio;
        const auto add = [&](const char* what, const char* name, Member of, bool ours_below) {
            const auto row = rows_.find(name);
            if (row == rows_.end()) return;
            const auto mine = median(row->second.at("ours"), of);
            const auto its = median(row->second.at("c-ares"), of);
            ratio[what] = ours_below ? its / mine : mine / its;
        };
        add("clean: names per CPU-second, ours / c-ares", "clean", cpu, true);
        add("tail: wall, ours / tuned c-ares", "tail", wall, false);
        add("silent first: wall, ours / tuned c-ares", "silent-first", wall, false);
        return ratio;
    }

    [[nodiscard]] nlohmann::ordered_json to_json(const nlohmann::ordered_json& ratio) const {
        nlohmann::ordered_json all;
        for (const auto& [name, sweepers] : rows_)
            for (const auto& [sweeper, runs] : sweepers)
                all["cases"][name][sweeper] = {
                    {"runs", runs.size()},        {"wall_s", median(runs, wall)},
                    {"cpu_s", median(runs, cpu)}, {"answers", runs.back().answers},
                    {"wrong", runs.back().wrong}, {"timeouts", runs.back().timeouts},
                    {"sent", runs.back().sent},   {"peak_bytes", runs.back().peak_bytes}};
        all["ratios"] = ratio;
        return all;
    }

    Zone zone_;
    unsigned runs_;
    std::map<std::string, std::map<std::string, Runs>> rows_;
};

} // namespace

int main(int argc, char** argv) {
    CLI::App app("The sweep beside c-ares used directly, on servers and zones of its own");
    unsigned names = 100000;
    unsigned runs = 5;
    std::string json_file;
    std::vector<std::string> cases = {"clean", "tail", "silent", "rate"};
    app.add_option("--names", names, "of the zone")->check(CLI::Range(1000U, 1000000U));
    app.add_option("--runs", runs, "of each sweeper")->check(CLI::Range(1U, 99U));
    app.add_option("--json", json_file, "write the figures there as well");
    app.add_option("cases", cases, "clean, tail, silent, rate")
        ->check(CLI::IsMember({"clean", "tail", "silent", "rate"}));
    CLI11_PARSE(app, argc, argv);
    enter_own_namespace();
    Bench bench(names, runs);
    const std::map<std::string, void (Bench::*)()> known = {{"clean", &Bench::clean},
                                                            {"tail", &Bench::tail},
                                                            {"silent", &Bench::first_server_silent},
                                                            {"rate", &Bench::rate_limit}};
    for (const auto& name : cases) (bench.*known.at(name))();
    bench.report(json_file);
    return 0;
}
