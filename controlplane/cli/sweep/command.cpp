// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/command.hpp"

#include "controlplane/cli/source_lines.hpp"

#include <iostream>

#include <unistd.h>

#include "controlplane/cli/sweep/pass.hpp"
#include "controlplane/cli/sweep/watch.hpp"
#include "controlplane/cli/terminal.hpp"
#include "resolver/sweep.hpp"

namespace sweepgate::cli {

namespace {

SweepOptions options_of(const SweepCommand& command, const SweepRequest& request) {
    SweepOptions options;
    options.servers = request.servers;
    options.window = command.window;
    options.queries_per_second = command.queries_per_second;
    if (!command.timeouts.empty()) options.timeouts = command.timeouts;
    return options;
}

int complain(std::ostream& err, const Error& error, int code) {
    err << fitted(told_with_lines(error.what, Sources::files, "sweepgate sweep"), screen_of(err));
    return code;
}

} // namespace

std::vector<std::filesystem::path> default_catalog(const std::filesystem::path& installed,
                                                   const std::filesystem::path& program) {
    std::error_code ignored;
    auto catalog = installed;
    const auto of_clone = program.parent_path().parent_path().parent_path() / "catalog";
    if (!std::filesystem::exists(installed, ignored) &&
        std::filesystem::is_directory(of_clone, ignored))
        catalog = of_clone;
    return {catalog, "/etc/sweepgate/catalog.d"};
}

int run_sweep(const SweepCommand& command) {
    set_screen(std::cout, screen_behind(STDOUT_FILENO));
    return run_sweep(command, std::cin, std::cout, std::cerr,
                     {isatty(STDOUT_FILENO) != 0, isatty(STDERR_FILENO) != 0});
}

int run_sweep(const SweepCommand& command, std::istream& in, std::ostream& out, std::ostream& err,
              Terminals terminals) {
    const auto request = read_request(command, in);
    if (!request)
        return complain(err, request.error(),
                        request.error().code == Errc::unavailable ? kSweepNoServer : kSweepUsage);
    for (const auto& told : request->told) err << "sweepgate sweep: " << told << '\n';
    if (request->servers.empty())
        return complain(
            err,
            {Errc::unavailable, "no server given, and /etc/resolv.conf has none that can be asked"},
            kSweepNoServer);
    const auto options = options_of(command, *request);
    const auto sweeper = Sweeper::create(options);
    if (!sweeper)
        return complain(err, sweeper.error(),
                        sweeper.error().code == Errc::bad_input ? kSweepUsage : kSweepNoServer);
    if (!command.watch) return run_pass(command, *request, **sweeper, out, err, terminals);
    auto slow = Sweeper::create(options);
    if (!slow) return complain(err, slow.error(), kSweepNoServer);
    return run_watch(command, *request, **sweeper, std::move(*slow), out, err, terminals.out);
}

} // namespace sweepgate::cli
