// SPDX-License-Identifier: Apache-2.0
// Not a test: the sweep measured beside c-ares used directly, in one run, with medians and
// ratios. Wall clocks of a shared machine mean little: CPU seconds, counts and ratios do.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "controlplane/cli/sweep/command.hpp"
#include "resolver/sweep.hpp"
#include "tests/peers/dns/results.hpp"
#include "tests/unit/resolver/faulty_server.hpp"
#include "tests/unit/resolver/namespace.hpp"
#include "tests/unit/resolver/nsd.hpp"

using namespace sweepgate;
using namespace sweepgate::test;
using namespace std::chrono_literals;

namespace {

using Names = std::vector<std::string>;

/// As a user of the library asks: the window is found.
Sweeping ours(const Names& names, const Names& servers, unsigned window = 0) {
    return [&names, servers, window](Observer& observer) {
        std::vector<Question> questions;
        for (const auto& name : names) questions.push_back({name, RrType::a});
        SweepOptions options;
        options.servers = servers;
        options.window = window;
        const auto sweeper = Sweeper::create(options).value();
        (void)sweeper->sweep(questions, [&](const Answer& answer) { observer.take(answer); });
        observer.count_packets(sweeper->tally().sent);
    };
}

Sweeping peer(const Names& names, const RawOptions& options) {
    return [&names, options](Observer& observer) {
        sweep_raw(names, options, [&](const RawResult& result) { observer.take(result); });
    };
}

/// Lines, of which nothing is kept.
class LineCount : public std::streambuf {
public:
    [[nodiscard]] unsigned lines() const { return lines_; }

protected:
    std::streamsize xsputn(const char* text, std::streamsize size) override {
        lines_ += static_cast<unsigned>(std::count(text, text + size, '\n'));
        return size;
    }
    int_type overflow(int_type octet) override { return octet; }

private:
    unsigned lines_ = 0;
};

/// `sweepgate sweep --json -t A -f FILE -s SERVER`, from the file to the lines.
Sweeping printed_by_us(const std::string& file, const std::string& server) {
    return [file, server](Observer& observer) {
        cli::SweepCommand command;
        command.file = file;
        command.servers = {server};
        command.types = {RrType::a};
        command.format = cli::SweepFormat::json;
        LineCount lines;
        std::ostream out(&lines);
        std::ostringstream err;
        (void)cli::run_sweep(command, std::cin, out, err);
        observer.count(lines.lines());
    };
}

Sweeping printed_by_peer(const std::string& file, const std::string& server) {
    return [file, server](Observer& observer) {
        Names names;
        std::ifstream in(file);
        for (std::string line; std::getline(in, line);) names.push_back(line);
        const std::unique_ptr<FILE, int (*)(FILE*)> out(std::fopen("/dev/null", "w"), std::fclose);
        sweep_raw(names, {{server}}, [&](const RawResult& result) {
            const auto& answer = result.answer;
            std::fprintf(out.get(), "%s\t%u\t%u", result.name.c_str(), answer.rcode, answer.ttl);
            for (const auto& target : answer.chain) std::fprintf(out.get(), "\t%s", target.c_str());
            for (const auto& address : answer.addresses)
                std::fprintf(out.get(), "\t%s", address.c_str());
            std::fputc('\n', out.get());
            observer.take(result);
        });
    };
}

class Bench {
public:
    Bench(unsigned names, unsigned runs) : zone_(names), sound_(zone_.sound_names()), runs_(runs) {}

    /// A real server, no delay: what a name costs, without and with a file and text around it.
    void clean() {
        const Nsd nsd(kFirst, zone_.text());
        const auto file =
            (std::filesystem::temp_directory_path() / ("sg-names-" + std::to_string(getpid())))
                .string();
        {
            std::ofstream text(file);
            for (const auto& name : sound_) text << name << '\n';
        }
        for (unsigned run = 0; run < runs_; ++run) {
            note("clean", "ours", false, ours(sound_, {kFirst}));
            note("clean", "c-ares", false, peer(sound_, {{kFirst}}));
            note("clean, printed", "ours", false, printed_by_us(file, kFirst));
            note("clean, printed", "c-ares", false, printed_by_peer(file, kFirst));
        }
        note("clean, checked", "ours", true, ours(sound_, {kFirst}));
        note("clean, checked", "c-ares", true, peer(sound_, {{kFirst}}));
        std::filesystem::remove(file);
    }

    /// 30 ms away; of 100 names one is dead, one loses packets, one gives SERVFAIL.
    void tail() {
        const FaultyServer first(kFirst, {.zone = &zone_, .delay = 30ms});
        const FaultyServer second(kSecond, {.zone = &zone_, .delay = 30ms});
        beside_both_peers("tail", zone_.names(), 2048);
    }

    void first_server_silent() {
        const FaultyServer first(kFirst, {.zone = &zone_, .delay = 30ms, .silent = true});
        const FaultyServer second(kSecond, {.zone = &zone_, .delay = 30ms});
        beside_both_peers("first silent", few(5000), 1024);
    }

    /// Drops, or truncates, what is above its rate; nobody tells the sweep.
    void rate_limit() {
        const auto names = few(20000);
        for (const unsigned window : {0U, 512U, 2048U}) {
            const FaultyServer server(kFirst,
                                      {.zone = &zone_, .delay = 10ms, .most_per_second = 5000});
            const auto text =
                "drops above 5000/s, window " + (window == 0 ? "found" : std::to_string(window));
            note(text, "ours", true, ours(names, {kFirst}, window));
            if (window != 0) note(text, "c-ares", true, peer(names, {{kFirst}, window}));
        }
        const FaultyServer server(kFirst, {.zone = &zone_,
                                           .delay = 20ms,
                                           .most_per_second = 1000,
                                           .above_rate = AboveRate::truncate});
        note("truncates above 1000/s", "ours", true, ours(names, {kFirst}));
    }

    void report(const std::string& json_file) const { results_.report(json_file); }

private:
    void note(const std::string& name, const std::string& sweeper, bool checks,
              const Sweeping& sweeping) {
        results_.note(name, sweeper, measure(zone_, checks, sweeping));
    }

    void beside_both_peers(const std::string& name, const Names& names, unsigned window) {
        const Names servers = {kFirst, kSecond};
        for (unsigned run = 0; run < std::min(runs_, 3U); ++run) {
            note(name, "ours", true, ours(names, servers));
            note(name, "ours, window 512", true, ours(names, servers, 512));
            note(name, "c-ares", true, peer(names, {servers, window, 250, 3}));
            note(name, "c-ares layered", true,
                 peer(names, {.servers = servers, .window = window, .layered = true}));
        }
    }

    [[nodiscard]] Names few(std::size_t count) const {
        return {sound_.begin(),
                sound_.begin() + static_cast<std::ptrdiff_t>(std::min(sound_.size(), count))};
    }

    Zone zone_;
    Names sound_;
    unsigned runs_;
    Results results_;
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
