// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/options.hpp"

#include <filesystem>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "controlplane/cli/sweep/command.hpp"

namespace sweepgate::cli {

namespace {

constexpr const char* kFooter = R"(Words:
  www.example.com     a hostname; always absolute, no search list; IDN is converted (IDNA 2008)
  irc                 without a dot: a system of the catalog: its names, its SRV services, and
                      the names that these point to
  all                 every system of the catalog
  @192.0.2.53         a server; [2001:db8::53]:5353 and 192.0.2.53:5353 name a port,
                      fe80::1%eth0 the interface of a link-local one; @dns.example is looked up
Output:
  default   as nslookup prints it, a block a name
  --short   NAME TYPE STATUS TTL VALUE..., a question a line
  --json    kind ("answer") name type status resolver ttl chain addresses tries rtt_ms proto authenticated
            extended_error subnet_scope forged, SRV: targets, SVCB and HTTPS: hints; an object a
            question and line; of what the guard says: kind ("guard") name system address guard
            reason
  STATUS    NOERROR NODATA NXDOMAIN FILTERED STALE SERVFAIL BOGUS REFUSED TIMEOUT MALFORMED RCODE
            by what the server says of its answer (RFC 8914):
            FILTERED  it made it up; addresses are shown as forged, not as the name's
            STALE     a denial that it only repeats, because it cannot ask (RFC 8767)
            BOGUS     DNSSEC validation failed
  A summary goes to standard error, and a bar when that is a terminal.
Guard:
  What a system's names answer is judged as the controller would judge it, by the catalog and the
  policy: --policy, else /etc/sweepgate/policy.toml, else the catalog's own defaults. An address
  that it would refuse is shown with the reason. Hostnames alone are judged with --policy only.
Watch:
  On a terminal a view that is drawn again in its place; else a line a change:
  TIME = NAME TYPE STATUS TTL VALUE...   the first answer
  TIME + NAME TYPE VALUE                 not seen before
  TIME - NAME TYPE VALUE                 not in three answers in a row
  TIME ! NAME TYPE STATUS (was STATUS)   another outcome
  with --json an object: kind ("change") time change name type status before ttl values.
Exit codes, the highest that fits:
  0 all answered (NXDOMAIN and NODATA are answers)   1 some failed, or stopped by Ctrl-C
  2 usage   3 no server answered   4 the guard would refuse an address
  A watch ends with 0, 1 or 3 by its last answers.)";

struct SweepChoice {
    SweepCommand command;
    std::vector<std::string> types;
    std::vector<long> timeouts_ms;
    std::vector<std::string> catalog;
    unsigned longest_wait_s = 60;
    bool brief = false;
    bool json = false;
    bool no_guard = false;
};

/// Of a clone that was built and not installed: <program>/../../catalog, or nothing.
std::filesystem::path catalog_of_clone(const std::filesystem::path& installed) {
    std::error_code fault;
    if (std::filesystem::exists(installed, fault)) return {};
    const auto program = std::filesystem::read_symlink("/proc/self/exe", fault);
    if (fault) return {};
    auto beside = program.parent_path().parent_path().parent_path() / "catalog";
    return std::filesystem::exists(beside / "networks.toml", fault) ? beside
                                                                    : std::filesystem::path{};
}

int run_choice(SweepChoice& choice) {
    auto& command = choice.command;
    for (const auto& text : choice.types) {
        const auto type = parse_rr_type(text);
        if (!type) {
            std::cerr << "sweepgate sweep: " << type.error().what << '\n';
            return kSweepUsage;
        }
        command.types.push_back(*type);
    }
    for (const auto timeout : choice.timeouts_ms) command.timeouts.emplace_back(timeout);
    std::error_code unknown;
    command.catalog = default_catalog(kInstalledCatalog,
                                      std::filesystem::read_symlink("/proc/self/exe", unknown));
    if (!choice.catalog.empty())
        command.catalog.assign(choice.catalog.begin(), choice.catalog.end());
    else if (const auto beside = catalog_of_clone(command.catalog.front()); !beside.empty())
        command.catalog.front() = beside;
    if (choice.brief) command.format = SweepFormat::short_line;
    if (choice.json) command.format = SweepFormat::json;
    command.guard = !choice.no_guard;
    command.longest_wait = std::chrono::seconds(choice.longest_wait_s);
    return run_sweep(command);
}

/// One value an occurrence, or several with commas: what follows is a word again.
CLI::Option* list(CLI::Option* option) {
    return option->delimiter(',')->allow_extra_args(false)->multi_option_policy(
        CLI::MultiOptionPolicy::TakeAll);
}

void add_questions(CLI::App& sweep, SweepChoice& choice) {
    auto& command = choice.command;
    sweep.add_option("words", command.words, "hostnames, systems, all, @SERVER: see below")
        ->type_name("WORD");
    sweep.add_option("-f,--file", command.file, "such words, one a line; - is standard input")
        ->type_name("FILE");
    list(sweep.add_option("-s,--server", command.servers,
                          "resolver, repeatable; default: /etc/resolv.conf"))
        ->type_name("SERVER");
    sweep.add_option("-p,--port", command.port, "port of servers that name none")
        ->capture_default_str();
    list(sweep.add_option("-t,--type", choice.types,
                          "A, AAAA, CNAME, SRV, SVCB, HTTPS; default A,AAAA, and SRV for services"))
        ->type_name("TYPE");
    sweep.add_option("--window", command.window, "questions in flight, 0: found by itself");
    sweep.add_option("--rate", command.queries_per_second,
                     "queries/s to each server at most, 0: found by itself");
    list(sweep.add_option("--timeouts", choice.timeouts_ms,
                          "of each try, ms; default 250,500,1000,2000"))
        ->type_name("MS");
}

void add_output(CLI::App& sweep, SweepChoice& choice) {
    auto& command = choice.command;
    auto* brief = sweep.add_flag("--short", choice.brief, "one line a question");
    sweep.add_flag("--json", choice.json, "one JSON object a line")->excludes(brief);
    sweep.add_flag("--sorted", command.sorted,
                   "names and addresses in order, without server, TTL and times: output of two "
                   "sweeps differs only where the answers do");
    sweep.add_flag("--strict", command.strict, "NXDOMAIN and NODATA count as failed");
    auto* watch = sweep.add_flag("-w,--watch", command.watch, "ask again and again, until Ctrl-C");
    sweep
        .add_option("--every", choice.longest_wait_s,
                    "with --watch: ask again when the TTL has passed, or after this many seconds")
        ->check(CLI::Range(1U, 86'400U))
        ->capture_default_str()
        ->needs(watch);
}

void add_guard(CLI::App& sweep, SweepChoice& choice) {
    list(sweep.add_option("--catalog", choice.catalog,
                          "folder of the catalog, repeatable; default /usr/share/sweepgate/catalog "
                          "and /etc/sweepgate/catalog.d"))
        ->type_name("FOLDER")
        ->envname("SWEEPGATE_CATALOG");
    auto* policy = sweep.add_option("--policy", choice.command.policy, "judge by this policy")
                       ->type_name("FILE");
    sweep.add_flag("--no-guard", choice.no_guard, "judge nothing")->excludes(policy);
}

} // namespace

void add_sweep(CLI::App& app, int& exit_status) {
    const auto choice = std::make_shared<SweepChoice>();
    auto* sweep = app.add_subcommand("sweep", "ask DNS for names, as nslookup should have");
    add_questions(*sweep, *choice);
    add_output(*sweep, *choice);
    add_guard(*sweep, *choice);
    sweep->footer(kFooter);
    sweep->callback([choice, &exit_status] { exit_status = run_choice(*choice); });
}

} // namespace sweepgate::cli
