// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/options.hpp"

#include <unistd.h>

#include <array>
#include <limits>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "boards/board.hpp"
#include "controlplane/config/last_config.hpp"
#include "controlplane/model/version.hpp"
#include "controlplane/usage/usage.hpp"
#include "controlplane/wire/envelope.hpp"
#include "dataplane/filter/screen_choice.hpp"

namespace sweepgate::gate {

namespace {

std::string host_name() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
    return name.data();
}

/// "iface=eth1" behind "net_af_packet0": an argument of the device, not the next port.
bool is_argument(std::string_view piece, const std::vector<std::string>& ports) {
    return !ports.empty() && ports.back().starts_with("net_") &&
           piece.find('=') < piece.find(':') && piece.find('=') != std::string_view::npos;
}

/// pcap:in,out has a comma of its own, and so have the arguments of net_...: the piece behind it
/// belongs to them.
std::vector<std::string> split_ports(std::string_view text) {
    std::vector<std::string> ports;
    for (std::size_t at = 0; at <= text.size();) {
        auto comma = text.find(',', at);
        if (text.substr(at).starts_with("pcap:") && comma != std::string_view::npos)
            comma = text.find(',', comma + 1);
        comma = std::min(comma, text.size());
        const auto piece = text.substr(at, comma - at);
        if (is_argument(piece, ports))
            ports.back().append(",").append(piece);
        else
            ports.emplace_back(piece);
        at = comma + 1;
    }
    return ports;
}

Status apply_board(Options& options, bool own_ports) {
    if (options.board.empty()) return {};
    auto board = boards::load_board(options.board);
    if (!board && !options.state.empty()) {
        auto last = boards::load_board(config::last_config_path(options.state, options.board));
        if (last) {
            options.board_fault = board.error().what + "; the board of the last start is in force";
            board = std::move(last);
        }
    }
    if (!board) return tl::unexpected(board.error());
    auto& gate = options.gate;
    gate.bypass_until_loaded = board->on_failure == boards::OnFailure::bypass;
    gate.on_exit = board->closes_on_exit ? OnExit::closed : OnExit::bypass;
    gate.carry_link = board->link_carry;
    gate.mtu = board->mtu;
    gate.lcores = board->lcores;
    gate.who.client_prefix = board->client_prefix;
    if (board->passes_malformed) gate.malformed = filter::MalformedFate::pass;
    gate.rejects_per_second = board->rejects_per_second;
    gate.hugepages = !board->no_huge;
    if (board->memory_mb != 0) gate.memory_mb = board->memory_mb;
    if (own_ports) return {};
    gate.eal_arguments = boards::eal_arguments(*board);
    gate.pairs = boards::port_devices(*board);
    return {};
}

Status check_replay(const Options& options) {
    if (!options.gate.pairs.empty() || !options.updates.empty() || !options.state.empty())
        return fail(Errc::bad_input,
                    "--replay judges a file: it goes with no ports, board, updates "
                    "or state");
    if (options.snapshot.empty())
        return fail(Errc::bad_input, "--replay needs --snapshot; `sweepgate plan POLICY --snapshot "
                                     "FILE` makes one of a policy");
    return {};
}

Status check(const Options& options) {
    if (options.replay)
        if (auto ok = check_replay(options); !ok) return ok;
    if (options.updates.empty() != options.requests.empty())
        return fail(Errc::bad_input, "--updates and --requests go together");
    const bool signed_input = !options.updates.empty() || !options.snapshot.empty();
    if (signed_input && options.verify_key.empty())
        return fail(Errc::bad_input, "--verify-key is needed: nothing unsigned is enforced");
    if (const auto screen = filter::choose_screen(options.gate.instruction_set); !screen)
        return within("--simd", screen.error());
    if (options.gate.pairs.empty() && !options.replay)
        return fail(Errc::bad_input, "no ports: give --ports A,B or a --board with pairs");
    return {};
}

/// What the line says, before a board's values are laid under it.
struct Line {
    std::string ports;
    std::vector<unsigned> lcores;
    bool no_huge = false;
    unsigned memory_mb = 0;
    unsigned idle_sleep_us = 0;
    unsigned mtu = 0;
    bool no_link_carry = false;
    std::string on_exit;
    std::string malformed;
    std::optional<unsigned> rejects_per_second;
    bool bypass = false;
    std::string client_prefix;
    bool no_telemetry = false;
    replay::Order replay;
};

void declare_hardware(CLI::App& app, Line& line, Options& options) {
    app.add_option(
        "--ports", line.ports,
        "Pairs A,B[,C,D]: PCI addresses, af_xdp:eth1, af_packet:eth1, pcap:IN,OUT, null:, "
        "net_DRIVER0,KEY=VALUE");
    app.add_option("--board", options.board, "Board file: ports, lcores, memory, failure mode");
    app.add_option("--lcores", line.lcores,
                   "Processors that forward, e.g. 1,2; those beyond one a pair share its flows")
        ->delimiter(',');
    app.add_flag("--no-huge", line.no_huge, "Ordinary pages instead of hugepages");
    app.add_option("--memory", line.memory_mb, "MB for DPDK (default 256)")
        ->check(CLI::Range(64, 65536));
    app.add_option("--mtu", line.mtu, "MTU of every port (default: as they are)")
        ->check(CLI::Range(kLeastMtu, kMostMtu));
    app.add_flag("--no-link-carry", line.no_link_carry,
                 "Leave the other link up when a pair loses one");
    app.add_option("--on-exit", line.on_exit,
                   "Links of a gate that stops: bypass leaves them up (default), closed takes "
                   "them down")
        ->check(CLI::IsMember({"bypass", "closed"}));
    app.add_option("--file-prefix", options.gate.file_prefix,
                   "Distinct for each gate on a machine");
    app.add_option("--simd", options.gate.instruction_set,
                   "avx512, avx2 or portable instead of the best that the processor has");
}

void declare_work(CLI::App& app, Line& line, Options& options) {
    app.add_option("--name", options.name, "Name in the fleet")->capture_default_str();
    app.add_option("--snapshot", options.snapshot, "Signed snapshot to enforce from the start");
    app.add_option("--updates", options.updates, "Agent's endpoint of updates, ipc://...");
    app.add_option("--requests", options.requests, "Agent's endpoint of requests, ipc://...");
    app.add_option("--state", options.state, "Folder for the last good snapshot");
    app.add_option("--verify-key", options.verify_key, "Public signing key(s) to trust");
    app.add_option("--malformed", line.malformed, "Broken IP headers: drop (default) or pass")
        ->check(CLI::IsMember({"drop", "pass"}));
    app.add_flag("--bypass", line.bypass, "Pass packets as long as no snapshot is loaded");
    app.add_option("--idle-sleep-us", line.idle_sleep_us,
                   "Sleep of an lcore without packets; 0 polls on")
        ->check(CLI::Range(0, 10'000));
    app.add_option("--rejects-per-second", line.rejects_per_second,
                   "Most resets and ICMP errors per lcore (default 1000)")
        ->check(CLI::Range(0, 1'000'000));
}

void declare_who(CLI::App& app, Line& line, Options& options) {
    app.add_option("--client-prefix", line.client_prefix,
                   "Bits of a client's address that are kept of a hit, IPv4,IPv6 (default 32,128); "
                   "0 keeps none");
    app.add_flag("--no-telemetry", line.no_telemetry, "No socket for dpdk-telemetry.py");
    app.add_option("--talkers", options.gate.who.counters,
                   "Counters of top talkers, by client, system, port and all three")
        ->capture_default_str()
        ->check(CLI::Range(16, 65'536));
}

void declare_replay(CLI::App& app, Line& line, Options& options) {
    auto* replay = app.add_option("--replay", line.replay.capture,
                                  "Judge a capture (pcap, pcapng) by --snapshot; open no ports");
    app.add_option("--write", line.replay.passed, "Capture of what passes")->needs(replay);
    app.add_option("--dropped", line.replay.dropped, "Capture of what does not")->needs(replay);
    app.add_flag("--json", options.json, "What was found as one JSON object")->needs(replay);
    app.add_option("--top", options.top, "Rows of clients; 0 is all")
        ->capture_default_str()
        ->needs(replay);
}

/// The line wins over the board.
Status apply(const Line& line, Options& options) {
    if (auto ok = apply_board(options, !line.ports.empty()); !ok) return ok;
    auto& gate = options.gate;
    if (!line.lcores.empty()) gate.lcores = line.lcores;
    if (line.no_huge) gate.hugepages = false;
    if (line.memory_mb != 0) gate.memory_mb = line.memory_mb;
    if (line.mtu != 0) gate.mtu = line.mtu;
    if (line.no_link_carry) gate.carry_link = false;
    if (!line.on_exit.empty())
        gate.on_exit = line.on_exit == "closed" ? OnExit::closed : OnExit::bypass;
    if (line.bypass) gate.bypass_until_loaded = true;
    gate.telemetry = !line.no_telemetry;
    if (!line.client_prefix.empty()) {
        const auto client_prefix = parse_client_prefix(line.client_prefix);
        if (!client_prefix) return within("--client-prefix", client_prefix.error());
        gate.who.client_prefix = *client_prefix;
    }
    gate.idle_sleep = std::chrono::microseconds(line.idle_sleep_us);
    if (!line.malformed.empty())
        gate.malformed =
            line.malformed == "pass" ? filter::MalformedFate::pass : filter::MalformedFate::drop;
    if (line.rejects_per_second) gate.rejects_per_second = *line.rejects_per_second;
    if (!line.replay.capture.empty()) {
        options.replay = line.replay;
        options.replay->malformed = gate.malformed;
        options.replay->inputs = {options.snapshot, options.verify_key};
    }
    if (options.top == 0) options.top = std::numeric_limits<std::size_t>::max();
    if (!line.ports.empty()) {
        auto pairs = to_pairs(split_ports(line.ports));
        if (!pairs) return tl::unexpected(pairs.error());
        gate.pairs = std::move(*pairs);
    }
    return check(options);
}

} // namespace

Result<std::vector<std::pair<std::string, std::string>>>
to_pairs(const std::vector<std::string>& ports) {
    if (ports.size() % 2 != 0)
        return fail(Errc::bad_input,
                    fmt::format("--ports {}: ports come in pairs", fmt::join(ports, ",")));
    std::vector<std::pair<std::string, std::string>> pairs;
    for (std::size_t i = 0; i < ports.size(); i += 2) {
        if (ports[i].empty() || ports[i + 1].empty())
            return fail(Errc::bad_input, "--ports: an empty name");
        pairs.emplace_back(ports[i], ports[i + 1]);
    }
    return pairs;
}

Parsing parse_options(int argc, const char* const* argv) {
    Parsing parsing;
    auto& options = parsing.options;
    options.name = host_name() + "/dpdk";
    Line line;
    CLI::App app("The DPDK gate of Sweepgate: a wire between each pair of ports, with the filter "
                 "in it; or, with --replay, that filter over a capture.\nExit codes: 0 stopped as "
                 "asked or replayed, 1 could not start or go on, 2 usage.",
                 "sweepgate-dataplane");
    app.set_version_flag("--version", "sweepgate-dataplane " + version_text(wire::kSchema));
    declare_hardware(app, line, options);
    declare_work(app, line, options);
    declare_who(app, line, options);
    declare_replay(app, line, options);
    if (const auto ends = usage::parse(app, argc, argv)) {
        parsing.ends = true;
        parsing.exit_code = *ends;
        return parsing;
    }
    if (const auto ok = apply(line, options); !ok) {
        usage::complain("sweepgate-dataplane", ok.error().what);
        parsing.ends = true;
        parsing.exit_code = 2;
    }
    return parsing;
}

std::vector<std::string> describe(const Options& options) {
    const auto& gate = options.gate;
    const auto or_none = [](const std::string& text) { return text.empty() ? "none" : text; };
    std::vector<std::string> lines{fmt::format("name {}", options.name)};
    for (const auto& [inside, outside] : gate.pairs)
        lines.push_back(fmt::format("pair {} <-> {}", inside, outside));
    lines.push_back(gate.lcores.empty() ? "lcores: the last usable"
                                        : fmt::format("lcores {}", fmt::join(gate.lcores, ",")));
    lines.push_back(fmt::format("memory {} MB of {}", gate.memory_mb,
                                gate.hugepages ? "hugepages" : "ordinary pages"));
    lines.push_back(fmt::format("MTU {}, links are {}, on exit {}",
                                gate.mtu == 0 ? "as it is" : std::to_string(gate.mtu),
                                gate.carry_link ? "carried" : "not carried",
                                gate.on_exit == OnExit::closed ? "closed" : "bypass"));
    lines.push_back(fmt::format("without a snapshot {}, malformed packets {}",
                                gate.bypass_until_loaded ? "IP passes" : "IP is dropped",
                                gate.malformed == filter::MalformedFate::drop ? "drop" : "pass"));
    lines.push_back(fmt::format("idle sleep {} us, at most {} answers/s to rejected packets",
                                gate.idle_sleep.count(), gate.rejects_per_second));
    lines.push_back(fmt::format("clients of hits are kept as {} bits, talkers in {} counters",
                                to_string(gate.who.client_prefix), gate.who.counters));
    lines.push_back(fmt::format("telemetry {}", gate.telemetry ? "on" : "off"));
    lines.push_back(fmt::format("updates {}, requests {}", or_none(options.updates),
                                or_none(options.requests)));
    lines.push_back(fmt::format("snapshot {}, state {}, verify key {}",
                                or_none(options.snapshot.string()), or_none(options.state.string()),
                                or_none(options.verify_key.string())));
    return lines;
}

} // namespace sweepgate::gate
