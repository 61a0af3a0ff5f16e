// SPDX-License-Identifier: Apache-2.0
// A board as rte_eal_init() wants it. DPDK 22.11 programmer's guide, "EAL parameters".
#include <algorithm>
#include <map>
#include <set>

#include "boards/board.hpp"
#include "boards/pmds.hpp"

namespace sweepgate::boards {

namespace {

Attachment attachment_of(const Port& port) {
    const auto* const pmd = find_pmd(port.pmd);
    return pmd == nullptr ? Attachment::software : pmd->attachment;
}

std::vector<const Port*> ports_of(const Board& board) {
    std::vector<const Port*> ports;
    for (const auto& [inside, outside] : board.pairs) {
        ports.push_back(&inside);
        ports.push_back(&outside);
    }
    return ports;
}

/// DPDK's name of each port, in board order. A virtual device is its PMD and a number.
std::vector<std::string> device_names(const Board& board) {
    std::map<std::string, unsigned> next;
    std::vector<std::string> names;
    for (const auto* port : ports_of(board))
        names.push_back(attachment_of(*port) == Attachment::pci
                            ? port->device
                            : port->pmd + std::to_string(next[port->pmd]++));
    return names;
}

std::string devargs(const Port& port, const std::string& device_name) {
    auto text = device_name;
    if (attachment_of(port) == Attachment::kernel) text += ",iface=" + port.device;
    if (!port.arguments.empty()) text += "," + port.arguments;
    return text;
}

std::string lcore_list(const Board& board) {
    std::set<unsigned> lcores(board.lcores.begin(), board.lcores.end());
    lcores.insert(board.main_lcore);
    std::string list;
    for (const auto lcore : lcores) list += (list.empty() ? "" : ",") + std::to_string(lcore);
    return list;
}

void append_memory(const Board& board, std::vector<std::string>& arguments) {
    // Neither leaves a file behind. DPDK 22.11 takes --no-huge for legacy memory and refuses that
    // together with --in-memory.
    if (board.no_huge)
        arguments.insert(arguments.end(), {"--no-huge", "--no-shconf"});
    else
        arguments.emplace_back("--in-memory");
    if (board.memory_mb != 0) {
        arguments.emplace_back("-m");
        arguments.push_back(std::to_string(board.memory_mb));
    }
    arguments.emplace_back("--no-telemetry"); // whoever wants its socket says so
    arguments.push_back("--file-prefix=sweepgate-" + board.id);
}

} // namespace

std::vector<std::string> eal_arguments(const Board& board) {
    std::vector<std::string> arguments{"-l", lcore_list(board), "--main-lcore",
                                       std::to_string(board.main_lcore)};
    append_memory(board, arguments);
    const auto ports = ports_of(board);
    const auto names = device_names(board);
    bool any_pci = false;
    for (std::size_t i = 0; i < ports.size(); ++i) {
        if (attachment_of(*ports[i]) != Attachment::pci) continue;
        any_pci = true;
        arguments.emplace_back("-a");
        arguments.push_back(devargs(*ports[i], names[i]));
    }
    if (!any_pci) {
        arguments.emplace_back("--no-pci");
        // Nothing does DMA: virtual addresses need no right to read /proc/self/pagemap.
        arguments.emplace_back("--iova-mode=va");
    }
    return arguments;
}

std::vector<std::pair<std::string, std::string>> port_devices(const Board& board) {
    const auto names = device_names(board);
    const auto ports = ports_of(board);
    const auto device = [&](std::size_t i) {
        const bool pci = attachment_of(*ports[i]) == Attachment::pci;
        return pci ? names[i] : devargs(*ports[i], names[i]);
    };
    std::vector<std::pair<std::string, std::string>> devices;
    for (std::size_t i = 0; i + 1 < names.size(); i += 2)
        devices.emplace_back(device(i), device(i + 1));
    return devices;
}

} // namespace sweepgate::boards
