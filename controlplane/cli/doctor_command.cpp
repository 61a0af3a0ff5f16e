// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/doctor_command.hpp"

#include "controlplane/cli/source_lines.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <iostream>

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <unistd.h>

#include "boards/board.hpp"
#include "boards/machine.hpp"
#include "controlplane/cli/doctor_traffic.hpp"
#include "controlplane/cli/table.hpp"
#include "controlplane/model/name.hpp"
#include "resolver/sweep.hpp"
#include "resolver/system_resolvers.hpp"

namespace sweepgate::cli {

namespace {

namespace fs = std::filesystem;
using boards::Finding;
using boards::Level;
using Findings = std::vector<Finding>;

constexpr std::uint64_t kLeastFreeMb = 64;        // a snapshot, its delta and the address book
constexpr std::uint64_t kEnoughFreeMb = 512;      // a year of the address book's growth
constexpr std::int64_t kEarliest = 1'767'225'600; // 2026-01-01: no release is older
constexpr std::int64_t kLatest = 4'102'444'800;   // 2100-01-01

Finding good(std::string subject, std::string text) {
    return {Level::ok, std::move(subject), std::move(text), {}};
}
Finding warning(std::string subject, std::string text, std::string remedy) {
    return {Level::warning, std::move(subject), std::move(text), std::move(remedy)};
}
Finding fault(std::string subject, std::string text, std::string remedy) {
    return {Level::fault, std::move(subject), std::move(text), std::move(remedy)};
}

class Descriptor {
public:
    explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (descriptor_ >= 0) close(descriptor_);
    }
    [[nodiscard]] int get() const { return descriptor_; }

private:
    int descriptor_;
};

struct GenerationQuestion {
    nlmsghdr header;
    nfgenmsg netfilter;
};

/// Asks nf_tables for its generation, which changes nothing, loads the module when it can be
/// loaded, and needs the right that every change needs. Returns 0 or an errno value.
int ask_nftables() {
    const Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
    if (socket.get() < 0) return errno;
    const timeval patience{2, 0};
    setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    GenerationQuestion question{};
    question.header.nlmsg_len = sizeof question;
    question.header.nlmsg_type = (NFNL_SUBSYS_NFTABLES << 8U) | NFT_MSG_GETGEN;
    question.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    question.netfilter.version = NFNETLINK_V0;
    if (send(socket.get(), &question, sizeof question, 0) < 0) return errno;
    struct {
        nlmsghdr header;
        nlmsgerr error;
        std::array<char, 1024> rest;
    } answer{};
    const auto length = recv(socket.get(), &answer, sizeof answer, 0);
    if (length < 0) return errno;
    const bool is_error = answer.header.nlmsg_type == NLMSG_ERROR &&
                          static_cast<std::size_t>(length) >= sizeof answer.header + sizeof(int);
    return is_error ? -answer.error.error : 0;
}

Finding nftables() {
    const int error = ask_nftables();
    if (error == 0) return good("nftables", "the kernel has nf_tables, CAP_NET_ADMIN is held");
    if (error == EPERM)
        return warning("nftables", "not asked: CAP_NET_ADMIN is not held",
                       "run as root, or give sweepgate-agent the capability (its unit does)");
    return fault("nftables", errno_text(error),
                 "a kernel with CONFIG_NF_TABLES, CONFIG_NF_TABLES_INET; modprobe nf_tables");
}

Finding af_xdp() {
    const Descriptor socket(::socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0));
    if (socket.get() >= 0) return good("af_xdp", "the kernel has AF_XDP sockets");
    if (errno == EPERM)
        return warning("af_xdp", "not asked: CAP_NET_RAW is not held", "run as root");
    return warning("af_xdp", errno_text(errno),
                   "a kernel with CONFIG_XDP_SOCKETS, or a NIC that DPDK drives itself");
}

Finding silence(const std::string& subject, const std::string& text) {
    return fault(subject, text, "name resolvers that answer in /etc/resolv.conf or [resolver]");
}

/// One question to one resolver, with two tries of at most a second.
Finding resolver(const std::string& server, const std::string& name) {
    const auto subject = "dns " + server;
    SweepOptions options;
    options.servers = {server};
    options.timeouts = {std::chrono::milliseconds(300), std::chrono::milliseconds(1000)};
    auto sweeper = Sweeper::create(options);
    if (!sweeper) return silence(subject, sweeper.error().what);
    Answer answer;
    const std::array questions{Question{name, RrType::a}};
    const auto swept = (*sweeper)->sweep(questions, [&](const Answer& got) { answer = got; });
    if (!swept) return silence(subject, swept.error().what);
    const auto outcome = std::string(to_string(answer.outcome));
    if (answer.outcome == Outcome::timeout || answer.outcome == Outcome::malformed)
        return silence(subject, name + ": " + outcome);
    if (!is_conclusive(answer.outcome))
        return warning(subject, name + ": " + outcome,
                       "it answers but does not resolve: see its own upstream");
    // Who denies a name that exists lies or is cut off, and would deny others as well.
    if (answer.outcome != Outcome::answered)
        return warning(subject, name + ": " + outcome + ", though it exists",
                       "it is cut off or filters: ask resolvers that answer for all names");
    return good(subject, name + ": " + outcome + " in " + std::to_string(answer.rtt.count()) +
                             " us" + (answer.authenticated ? ", DNSSEC-validated" : ""));
}

Findings resolvers(const DoctorCommand& command, const std::string& probe) {
    const auto system = command.servers.empty() ? system_resolvers() : SystemResolvers{};
    const auto& servers = command.servers.empty() ? system.servers : command.servers;
    Findings findings;
    for (const auto& told : system.told)
        findings.push_back(warning("dns", told, "mend or remove that line"));
    if (servers.empty())
        findings.push_back(fault("dns", "no resolver is configured",
                                 "nameserver lines in /etc/resolv.conf, or [resolver] servers"));
    for (const auto& server : servers) findings.push_back(resolver(server, probe));
    return findings;
}

Finding clock_state() {
    timex state{};
    const int answer = adjtimex(&state);
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    if (now < kEarliest || now > kLatest)
        return fault(
            "clock", "it says " + std::to_string(now) + " s since 1970",
            "set the clock: snapshots would pass for expired, and addresses would age wrongly");
    if (answer == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
        return warning("clock", "not synchronised",
                       "run chrony or systemd-timesyncd: sightings and lifetimes depend on it");
    return good("clock", "synchronised, error at most " + std::to_string(state.maxerror) + " us");
}

Finding secret_key(const fs::path& file) {
    const auto subject = "key " + file.filename().string();
    struct stat status {};
    if (stat(file.c_str(), &status) != 0) {
        if (errno == EACCES)
            return warning(subject, file.string() + " cannot be looked at", "run as root");
        return warning(subject, file.string() + ": " + errno_text(errno),
                       "sweepgate keys new " + file.parent_path().string());
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fault(subject, file.string() + " is open to group or others",
                     "chmod 0600 " + file.string());
    return good(subject, file.string() + ", closed to others");
}

/// The folder itself, or the nearest one above it that exists.
fs::path nearest_folder(fs::path folder) {
    std::error_code error;
    while (!fs::exists(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
    return folder.empty() ? "." : folder;
}

Finding state_folder(const fs::path& folder) {
    std::error_code error;
    if (!fs::is_directory(folder, error))
        return warning("state", folder.string() + " is not there",
                       "start sweepgated once, or systemd-tmpfiles --create");
    if (access(folder.c_str(), W_OK | X_OK) == 0) return good("state", folder.string());
    return warning("state",
                   folder.string() + " is not writable for this user: " + errno_text(errno),
                   "run as root or as the user of the program that owns it");
}

Finding disk(const fs::path& folder) {
    const auto nearest = nearest_folder(folder);
    struct statvfs room {};
    if (statvfs(nearest.c_str(), &room) != 0)
        return fault("disk", nearest.string() + ": " + errno_text(errno), "see the mount");
    const auto free_mb = std::uint64_t{room.f_bavail} * room.f_frsize >> 20U;
    const auto text = std::to_string(free_mb) + " MB free at " + nearest.string();
    if (free_mb < kLeastFreeMb) return fault("disk", text, "free some: new policy cannot be kept");
    if (free_mb < kEnoughFreeMb) return warning("disk", text, "free some");
    return good("disk", text);
}

/// The board named, with the ports named: nothing when neither was.
Result<std::optional<boards::Board>> chosen_board(const DoctorCommand& command) {
    if (command.board.empty() && command.ports.empty()) return std::nullopt;
    boards::Board board;
    board.id = "ports";
    board.lcores = {1};
    board.hugepages = 128;
    if (!command.board.empty()) {
        auto loaded = boards::load_board(command.board);
        if (!loaded) return tl::unexpected(loaded.error());
        board = std::move(*loaded);
    }
    if (command.ports.empty()) return board;
    auto named = boards::with_ports(std::move(board), command.ports, "net_af_xdp", command.paths);
    if (!named) return tl::unexpected(named.error());
    return std::move(*named);
}

void append(Findings& all, Findings more) {
    for (auto& finding : more) all.push_back(std::move(finding));
}

Findings examine(const DoctorCommand& command, const std::optional<boards::Board>& board,
                 const std::string& probe) {
    Findings all{boards::processor(command.paths)};
    if (board) {
        append(all, boards::preflight(*board, command.paths));
        append(all, kernel_ports(*board));
    } else {
        all.push_back(boards::free_hugepages(command.paths));
    }
    append(all, boards::network_ports(command.paths));
    all.push_back(nftables());
    append(all, ways_past_nftables());
    all.push_back(af_xdp());
    append(all, resolvers(command, probe));
    all.push_back(clock_state());
    for (const auto* name : {"signing.key", "controller.curve"})
        all.push_back(secret_key(fs::path(command.keys) / name));
    all.push_back(state_folder(command.state));
    all.push_back(disk(command.state));
    return all;
}

void print_json(const Findings& findings, Level worst, std::ostream& out) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& finding : findings)
        list.push_back({{"level", boards::to_string(finding.level)},
                        {"subject", finding.subject},
                        {"text", finding.text},
                        {"remedy", finding.remedy}});
    const nlohmann::json report{
        {"kind", "doctor"}, {"worst", boards::to_string(worst)}, {"findings", list}};
    // Names from the file system need not be UTF-8: what is not becomes U+FFFD.
    out << report.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

void print_table(const Findings& findings, std::ostream& out) {
    Table table({"", Column("SUBJECT").cuts(12), Column("FOUND").wraps(24)});
    for (const auto& finding : findings) {
        table.add({std::string(boards::to_string(finding.level)), finding.subject, finding.text});
        if (!finding.remedy.empty()) table.add({"", "", "-> " + finding.remedy});
    }
    table.print(out);
}

std::string plural(std::size_t count, const std::string& what) {
    return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

/// What of these subjects is not well, the worst level of them, and their names.
std::pair<Level, std::string> worst_of(const Findings& findings,
                                       std::initializer_list<std::string_view> subjects) {
    std::pair<Level, std::string> worst{Level::ok, {}};
    for (const auto& finding : findings) {
        if (finding.level == Level::ok) continue;
        if (std::find(subjects.begin(), subjects.end(), finding.subject) == subjects.end())
            continue;
        worst.first = std::max(worst.first, finding.level);
        worst.second += (worst.second.empty() ? "" : ", ") + finding.subject;
    }
    return worst;
}

/// "5 warnings, 0 faults: the nftables gate can run, the DPDK gate needs hugepages"
std::string summary(const Findings& findings) {
    const auto count = [&](Level level) {
        return static_cast<std::size_t>(
            std::count_if(findings.begin(), findings.end(),
                          [&](const auto& finding) { return finding.level == level; }));
    };
    const auto kernel = worst_of(findings, {"nftables"}).first;
    const auto fast = worst_of(findings, {"cpu", "hugepages"});
    return plural(count(Level::warning), "warning") + ", " + plural(count(Level::fault), "fault") +
           ": the nftables gate " +
           (kernel == Level::ok        ? "can run"
            : kernel == Level::warning ? "was not tried (not root)"
                                       : "cannot run") +
           ", the DPDK gate " + (fast.second.empty() ? "can run" : "needs " + fast.second);
}

} // namespace

int run_doctor(const DoctorCommand& command, std::ostream& out, std::ostream& err) {
    const auto board = chosen_board(command);
    if (!board) {
        err << told_with_lines(board.error().what, Sources::files, "sweepgate doctor");
        return kDoctorUsage;
    }
    const auto probe = canonical_name(command.probe);
    if (!probe) {
        err << "sweepgate doctor: " << probe.error().what << '\n';
        return kDoctorUsage;
    }
    const auto findings = examine(command, *board, *probe);
    const auto worst = std::ranges::max(findings, {}, &Finding::level).level;
    if (command.json)
        print_json(findings, worst, out);
    else {
        print_table(findings, out);
        out << summary(findings) << '\n';
    }
    if (worst == Level::ok) return kDoctorWell;
    return worst == Level::warning ? kDoctorWarnings : kDoctorFaults;
}

int run_doctor(const DoctorCommand& command) {
    set_screen(std::cout, screen_behind(STDOUT_FILENO));
    return run_doctor(command, std::cout, std::cerr);
}

} // namespace sweepgate::cli
