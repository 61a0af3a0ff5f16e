// SPDX-License-Identifier: Apache-2.0
// sweepgate-agent: splits into two halves before it reads anything from a network.
//
//   network half (this process) --orders, sealed bytes--> apply half (child, CAP_NET_ADMIN)
//
// Exit codes: 0 stopped by a signal or flushed, 1 anything else, 2 wrong command line. The
// kernel's rules stay in place however it ends; only --flush removes them.
#include <CLI/CLI.hpp>
#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "controlplane/agent/apply_half.hpp"
#include "controlplane/agent/lifelines.hpp"
#include "controlplane/agent/network_half.hpp"
#include "controlplane/agent/privileges.hpp"
#include "controlplane/agent/self_watch.hpp"
#include "controlplane/model/text.hpp"
#include "controlplane/model/version.hpp"
#include "controlplane/usage/open_files.hpp"
#include "controlplane/usage/usage.hpp"
#include "controlplane/wire/envelope.hpp"

namespace {

using namespace sweepgate;
using namespace sweepgate::agent;

int failed(const Error& error) {
    usage::complain("sweepgate-agent", error.what);
    return 1;
}

nftables::GateOptions gate_options(const Config& config) {
    nftables::GateOptions options;
    options.management = config.management;
    return options;
}

int flush(const Config& config) {
    auto gate = nftables::Gate::open(gate_options(config));
    if (!gate) return failed(gate.error());
    if (auto ok = gate->remove(); !ok) return failed(ok.error());
    spdlog::info("the kernel holds no rules of ours any more");
    return 0;
}

int run_apply_half(const Config& config, Channel channel) {
    auto trust = open_trust(config, {}); // the other half tells its faults, and keeps the list
    if (!trust) return failed(trust.error());
    if (auto ok = keep_net_admin_only(); !ok) return failed(ok.error());
    auto gate = nftables::Gate::open(gate_options(config));
    if (!gate) return failed(gate.error());
    auto watch = RulesetWatch::open(gate_options(config).table);
    if (!watch) return failed(watch.error());
    ApplyHalf half(std::move(channel), std::move(*gate), std::move(*watch), std::move(*trust));
    if (auto ok = half.run(); !ok) return failed(ok.error());
    return 0;
}

/// Signals are taken by the main thread with sigtimedwait, so every thread starts with them off.
sigset_t block_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) ::sigaddset(&signals, number);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

/// Logs what has changed, and tells the service manager how it stands.
void tell(SelfWatch& self, const NetworkHalf& half) {
    for (const auto& line : self.look(half.state()))
        spdlog::log(line.fault ? spdlog::level::warn : spdlog::level::info, "{}",
                    printable(line.text));
    sd_notify(0, ("STATUS=" + printable(self.status())).c_str());
}

/// Feeds the watchdog only while the apply half answers and the kernel can be read.
int watch(NetworkHalf& half, const sigset_t& signals) {
    constexpr timespec kTurn{5, 0};
    SelfWatch self;
    for (;;) {
        tell(self, half);
        const int number = ::sigtimedwait(&signals, nullptr, &kTurn);
        if (number == SIGTERM || number == SIGINT) return 0;
        if (number == SIGCHLD && ::waitpid(-1, nullptr, WNOHANG) != 0)
            return failed({Errc::unavailable, "the apply half ended; its rules stay in force"});
        if (number == SIGHUP) {
            if (auto ok = half.reload(); !ok)
                spdlog::error("reload: {}", printable(ok.error().what));
        }
        if (auto ok = half.check(); ok)
            sd_notify(0, "WATCHDOG=1");
        else
            spdlog::error("{}", printable(ok.error().what));
    }
}

/// How this start came to its configuration.
struct Started {
    std::filesystem::path file;
    std::string fault; // of the file; empty: it is what is in force
};

int run_network_half(const Config& config, const Started& started, std::unique_ptr<Kernel> kernel,
                     const sigset_t& signals) {
    if (auto ok = keep_nothing(config.user); !ok) return failed(ok.error());
    auto half = NetworkHalf::start(config, std::move(kernel), started.fault);
    if (!half) return failed(half.error());
    if (started.fault.empty()) keep_config(config, started.file);
    sd_notify(0, "READY=1");
    spdlog::info("ready");
    const int code = watch(**half, signals);
    sd_notify(0, "STOPPING=1");
    return code;
}

int run(const Config& config, const Started& started) {
    spdlog::info("sweepgate-agent {}: {}", kVersion, describe(config));
    const bool serves_tcp = !config.republish.curve_key.empty();
    if (auto ok = usage::open_files(serves_tcp ? usage::kOpenFilesServer : usage::kOpenFiles); !ok)
        return failed(ok.error());
    const auto signals = block_signals();
    if (!config.nftables) return run_network_half(config, started, nullptr, signals);
    auto ends = Channel::make_pair();
    if (!ends) return failed(ends.error());
    const auto child = ::fork();
    if (child < 0) return failed({Errc::io, "fork: " + errno_text(errno)});
    if (child == 0) {
        { const Channel theirs = std::move(ends->first); } // closed: its end is how we see them go
        return run_apply_half(config, std::move(ends->second));
    }
    { const Channel theirs = std::move(ends->second); }
    const int code = run_network_half(config, started,
                                      std::make_unique<Kernel>(std::move(ends->first)), signals);
    // The channel is closed by now, so the apply half ends; its last words come first.
    ::waitpid(child, nullptr, 0);
    return code;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Sweepgate agent: verifies signed policy, enforces it with nftables and hands it "
                 "on to the gates behind",
                 "sweepgate-agent"};
    std::string config_path = "/etc/sweepgate/agent.toml";
    std::string user;
    bool flush_only = false;
    app.add_option("--config", config_path, "agent.toml")->capture_default_str();
    app.add_option("--user", user, "what the network half becomes when started as root");
    app.add_flag("--flush", flush_only, "remove our rules from the kernel and end");
    app.set_version_flag("--version", "sweepgate-agent " + version_text(wire::kSchema));
    app.footer(
        "SIGHUP reads the authorized keys again; SIGTERM stops, and the kernel keeps our rules.\n"
        "Exit codes: 0 stopped on request or flushed, 1 a fault at start or run, 2 usage.");
    if (const auto ends = usage::parse(app, argc, argv)) return *ends;
    // Of either half: the kernel keeps its rules, and whoever started us starts us again.
    try {
        spdlog::set_default_logger(spdlog::stderr_color_mt("sweepgate-agent"));
        Started started{config_path, {}};
        auto config = load_start_config(config_path, started.fault);
        if (!config) return failed(config.error());
        if (!started.fault.empty()) spdlog::error("{}", printable(started.fault));
        if (!user.empty()) config->user = user;
        config->management = lifelines(*config);
        config->version = version_text(wire::kSchema);
        return flush_only ? flush(*config) : run(*config, started);
    } catch (const std::exception& error) {
        return failed({Errc::io, std::string("ended by an exception: ") + error.what()});
    }
}
