// SPDX-License-Identifier: Apache-2.0
// Reading a board file. Every rule stands beside the key it is about.
#include "boards/board.hpp"

#include <algorithm>
#include <set>

#include "boards/names.hpp"
#include "boards/pmds.hpp"
#include "controlplane/config/document.hpp"
#include "controlplane/model/nearest.hpp"

namespace sweepgate::boards {

namespace {

using config::Document;
using config::Section;
using config::Text;

constexpr std::int64_t kMaxLcore = 127; // RTE_MAX_LCORE of Debian's build is 128
constexpr std::int64_t kMaxHugepages = 1 << 20;
constexpr std::int64_t kMaxMemoryMb = 1 << 20;
constexpr std::int64_t kLeastOrdinaryMb = 64; // below it not even two ports' buffers fit
constexpr config::Bounds kMtu{1280, 16'000};  // kLeastMtu, kMostMtu of dataplane/gate/gate.hpp
constexpr config::Bounds kRejects{0, 1'000'000};
constexpr std::size_t kMaxPairs = 16; // RTE_MAX_ETHPORTS is 32

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string did_you_mean_pmd(const std::string& word) {
    std::vector<std::string> known;
    for (const auto& pmd : pmds()) known.emplace_back(pmd.name);
    return did_you_mean(word, known);
}

std::string unknown_bind(const std::string& word) {
    const std::vector<std::string> known(bind_drivers().begin(), bind_drivers().end());
    return "unknown bind driver " + in_quotes(word) + did_you_mean(word, known);
}

std::string neither(const std::string& word, const std::string& one, const std::string& other) {
    const std::vector<std::string> known{one, other};
    return in_quotes(word) + " is neither " + one + " nor " + other + did_you_mean(word, known);
}

/// Names and devices are unique over the board; the management interfaces count as taken.
class Taken {
public:
    explicit Taken(const std::vector<std::string>& management) : management_(management) {}

    void claim(Section& section, const Port& port) {
        if (!names_.insert(port.name).second)
            section.reject("name", "port name " + in_quotes(port.name) + " is used twice");
        if (!devices_.insert(port.device).second)
            section.reject("device", "device " + in_quotes(port.device) + " is used by two ports");
        if (std::ranges::find(management_, port.device) != management_.end())
            section.reject("device", in_quotes(port.device) +
                                         " is a management interface and cannot be a data port");
    }

private:
    const std::vector<std::string>& management_;
    std::set<std::string> names_, devices_;
};

void judge_driver(Section& section, const Port& port) {
    const auto* const pmd = find_pmd(port.pmd);
    if (pmd == nullptr) {
        section.reject("pmd", "unknown PMD " + in_quotes(port.pmd) + did_you_mean_pmd(port.pmd));
        return;
    }
    if (!fits(*pmd, port.device))
        section.reject("device", in_quotes(port.device) + " is not a device of " + port.pmd +
                                     (pmd->attachment == Attachment::pci
                                          ? " (a PCI address such as 0000:01:00.0)"
                                          : " (an interface name)"));
    if (!is_bind_driver(port.bind))
        section.reject("bind", unknown_bind(port.bind));
    else if (!can_bind(*pmd, port.bind))
        section.reject("bind", port.pmd + " cannot be bound to " + in_quotes(port.bind));
}

Port read_port(Section section, Taken& taken) {
    Port port;
    port.name = section.text("name");
    if (!is_label(port.name)) section.reject("name", in_quotes(port.name) + " is not a port name");
    port.device = section.text("device");
    port.pmd = section.text("pmd");
    port.bind = section.text_or("bind", "none");
    port.arguments = section.text_or("arguments", "");
    if (!port.arguments.empty() && !are_devargs(port.arguments))
        section.reject("arguments", in_quotes(port.arguments) +
                                        " is not key=value,... (iface is set by device)");
    judge_driver(section, port);
    taken.claim(section, port);
    return port;
}

void read_pairs(Section& root, Board& board) {
    Taken taken(board.management);
    for (auto pair : root.sections("pair")) {
        auto inside = pair.section("inside");
        auto outside = pair.section("outside");
        if (!inside || !outside) {
            pair.reject_whole("a pair needs 'inside' and 'outside'");
            for (const auto* side : {"inside", "outside"}) pair.leave_unread(side);
            continue;
        }
        auto first = read_port(*inside, taken);
        board.pairs.emplace_back(std::move(first), read_port(*outside, taken));
    }
    if (board.pairs.size() > kMaxPairs)
        root.reject("pair", std::to_string(board.pairs.size()) + " pairs are more than " +
                                std::to_string(kMaxPairs));
}

Nic read_nic(Section& section, std::set<std::string>& seen) {
    Nic nic;
    for (const auto& id : section.texts("ids")) {
        if (!is_pci_id(id.value))
            section.reject(id, in_quotes(id.value) + " is not a PCI id such as 8086:1533");
        if (!seen.insert(id.value).second)
            section.reject(id, "PCI id " + in_quotes(id.value) + " is named twice");
        nic.ids.push_back(id.value);
    }
    if (nic.ids.empty()) section.reject("ids", "a nic needs 'ids'");
    nic.pmd = section.text("pmd");
    const auto* const pmd = find_pmd(nic.pmd);
    if (pmd == nullptr || pmd->attachment != Attachment::pci)
        section.reject("pmd", in_quotes(nic.pmd) + " is not a PMD for PCI devices");
    for (const auto& bind : section.texts("bind")) {
        if (!is_bind_driver(bind.value))
            section.reject(bind, unknown_bind(bind.value));
        else if (pmd != nullptr && !can_bind(*pmd, bind.value))
            section.reject(bind, nic.pmd + " cannot be bound to " + in_quotes(bind.value));
        nic.binds.push_back(bind.value);
    }
    if (nic.binds.empty()) section.reject("bind", "a nic needs 'bind'");
    return nic;
}

void read_cpu(Section& root, Board& board) {
    auto cpu = root.section("cpu");
    if (!cpu) return root.reject("cpu", "missing table 'cpu'");
    board.main_lcore = static_cast<unsigned>(cpu->integer("main_lcore", {0, kMaxLcore}));
    std::set<unsigned> seen;
    for (const auto value : cpu->integers("lcores", {0, kMaxLcore})) {
        const auto lcore = static_cast<unsigned>(value);
        if (lcore == board.main_lcore)
            cpu->reject("lcores", "lcore " + std::to_string(lcore) + " is the main lcore too");
        if (!seen.insert(lcore).second)
            cpu->reject("lcores", "lcore " + std::to_string(lcore) + " is named twice");
    }
    if (seen.empty()) cpu->reject("lcores", "'lcores' must name at least one forwarding lcore");
    board.lcores.assign(seen.begin(), seen.end());
}

void judge_memory(Section& memory, const Board& board) {
    const bool is_page = board.hugepage_kb == 2048 || board.hugepage_kb == 1048576;
    if (!is_page)
        memory.reject("hugepage_kb", "hugepage_kb = " + std::to_string(board.hugepage_kb) +
                                         " is neither 2048 nor 1048576");
    if (!board.no_huge && board.hugepages == 0)
        memory.reject("hugepages", "hugepages = 0 needs no_huge = true");
    if (board.no_huge && board.hugepages != 0)
        memory.reject("hugepages", "hugepages = " + std::to_string(board.hugepages) +
                                       " contradicts no_huge = true");
    if (board.no_huge && board.memory_mb < kLeastOrdinaryMb)
        memory.reject("memory_mb", "memory_mb = " + std::to_string(board.memory_mb) + " is under " +
                                       std::to_string(kLeastOrdinaryMb) +
                                       ", the least with no_huge = true");
    const auto huge_mb = std::uint64_t{board.hugepages} * board.hugepage_kb / 1024;
    if (!board.no_huge && is_page && board.hugepages != 0 && board.memory_mb > huge_mb)
        memory.reject("memory_mb", "memory_mb = " + std::to_string(board.memory_mb) +
                                       " is more than the hugepages' " + std::to_string(huge_mb));
}

void read_memory(Section& root, Board& board) {
    auto memory = root.section("memory");
    if (!memory) return root.reject("memory", "missing table 'memory'");
    const auto number = [&](std::string_view key, std::int64_t fallback, std::int64_t most) {
        return static_cast<unsigned>(memory->integer_or(key, fallback, {0, most}));
    };
    board.hugepages = number("hugepages", 0, kMaxHugepages);
    board.hugepage_kb = number("hugepage_kb", 2048, 1048576);
    board.memory_mb = number("memory_mb", 0, kMaxMemoryMb);
    board.no_huge = memory->boolean_or("no_huge", false);
    judge_memory(*memory, board);
}

void read_links(Section& root, Board& board) {
    const auto fallback = board.on_failure == OnFailure::bypass ? "bypass" : "closed";
    const auto on_exit = root.text_or("on_exit", fallback);
    board.closes_on_exit = on_exit == "closed";
    if (on_exit != "closed" && on_exit != "bypass")
        root.reject("on_exit", neither(on_exit, "closed", "bypass"));
    board.link_carry = root.boolean_or("link_carry", true);
    board.mtu = static_cast<unsigned>(root.integer_or("mtu", 0, kMtu));
}

void read_fates(Section& root, Board& board) {
    const auto malformed = root.text_or("malformed", "drop");
    board.passes_malformed = malformed == "pass";
    if (malformed != "drop" && malformed != "pass")
        root.reject("malformed", neither(malformed, "drop", "pass"));
    board.rejects_per_second =
        static_cast<unsigned>(root.integer_or("rejects_per_second", 1000, kRejects));
}

void read_identity(Section& root, Board& board) {
    board.id = root.text("id");
    if (!is_label(board.id)) root.reject("id", in_quotes(board.id) + " is not a board id");
    board.name = root.text("name");
    const auto failure = root.text_or("on_failure", "fail_closed");
    if (failure == "bypass")
        board.on_failure = OnFailure::bypass;
    else if (failure != "fail_closed")
        root.reject("on_failure", neither(failure, "fail_closed", "bypass"));
    read_links(root, board);
    read_fates(root, board);
    const auto clients = parse_client_prefix(root.text_or("client_prefix", "32,128"));
    if (clients)
        board.client_prefix = *clients;
    else
        root.reject("client_prefix", clients.error().what);
    for (const auto& name : root.texts("management")) {
        if (!is_interface_name(name.value))
            root.reject(name, in_quotes(name.value) + " is not an interface name");
        board.management.push_back(name.value);
    }
    if (auto match = root.section("match"))
        for (const auto& text : match->texts("dmi")) {
            if (text.value.empty()) match->reject(text, "an empty DMI text matches every board");
            board.dmi.push_back(text.value);
        }
}

Result<Board> read_board(const Document& document) {
    auto root = document.root();
    Board board;
    read_identity(root, board);
    read_cpu(root, board);
    read_memory(root, board);
    std::set<std::string> seen_ids;
    for (auto nic : root.sections("nic")) board.nics.push_back(read_nic(nic, seen_ids));
    read_pairs(root, board);
    if (auto ok = document.finish(); !ok) return tl::unexpected(ok.error());
    return board;
}

} // namespace

std::string_view to_string(OnFailure on_failure) {
    return on_failure == OnFailure::bypass ? "bypass" : "fail_closed";
}

Result<Board> load_board(const std::filesystem::path& path) {
    const auto document = Document::load(path);
    if (!document) return tl::unexpected(document.error());
    return read_board(*document);
}

Result<Board> parse_board(std::string_view text, std::string_view name) {
    const auto document = Document::parse(text, name);
    if (!document) return tl::unexpected(document.error());
    return read_board(*document);
}

} // namespace sweepgate::boards
