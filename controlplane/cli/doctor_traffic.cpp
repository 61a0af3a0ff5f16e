// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/doctor_traffic.hpp"

#include <sys/utsname.h>

#include <cstdio>

#include "boards/pmds.hpp"
#include "controlplane/nftables/socket.hpp"
#include "dataplane/gate/features.hpp"

namespace sweepgate::cli {

namespace {

using boards::Finding;
using boards::Level;

constexpr const char* kXdpPmd = "net_af_xdp";

/// From Linux 6.8 on a program in the driver can ask for a frame's tag.
bool kernel_tells_tags() {
    utsname kernel{};
    int major = 0;
    int minor = 0;
    if (uname(&kernel) != 0 || std::sscanf(kernel.release, "%d.%d", &major, &minor) != 2)
        return false;
    return major > 6 || (major == 6 && minor >= 8);
}

void examine_joining(const std::string& subject, const gate::Features& features,
                     std::vector<Finding>& findings) {
    std::string off;
    std::string stuck;
    for (const auto& name : gate::unwanted_features(false)) {
        const auto found = features.find(name);
        if (found == features.end() || !found->second.active) continue;
        auto& list = found->second.changeable ? off : stuck;
        list += (list.empty() ? "" : ", ") + name;
    }
    if (!stuck.empty())
        findings.push_back({Level::warning, subject,
                            stuck + " cannot be switched off: joined packets above the MTU are "
                                    "dropped and counted as rx_too_big",
                            "another NIC, or its own DPDK driver"});
    if (!off.empty())
        findings.push_back(
            {Level::ok, subject, off + " is on; the gate switches it off while it runs", {}});
}

void examine_tags(const std::string& subject, const gate::KernelInterface& interface,
                  const gate::Features& features, std::vector<Finding>& findings) {
    bool apart = gate::is_virtual_wire_driver(interface.driver());
    for (const auto* name : {"rx-vlan-hw-parse", "rx-vlan-stag-hw-parse"})
        if (const auto found = features.find(name); found != features.end())
            apart = apart || (found->second.active && !found->second.changeable);
    if (!apart || kernel_tells_tags()) return;
    findings.push_back({Level::fault, subject,
                        interface.name() + " hands VLAN tags over beside the frame, where AF_XDP "
                                           "loses them on this kernel: the gate will not start",
                        "pmd = \"net_af_packet\", or Linux 6.8"});
}

void examine_port(const boards::Port& port, std::vector<Finding>& findings) {
    const auto* const pmd = boards::find_pmd(port.pmd);
    if (pmd == nullptr || pmd->attachment != boards::Attachment::kernel) return;
    const auto subject = "port " + port.name;
    const gate::KernelInterface interface(port.device);
    const auto features = gate::read_features(interface);
    if (!features) return; // preflight has said that it is not there
    examine_joining(subject, *features, findings);
    if (port.pmd == kXdpPmd) examine_tags(subject, interface, *features, findings);
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

} // namespace

std::vector<Finding> ways_past_nftables() {
    auto socket = nftables::Socket::open();
    if (!socket) return {}; // the finding before says why
    auto reader = nftables::PathReader::open();
    const auto paths = reader ? reader->read(*socket) : tl::unexpected(reader.error());
    if (!paths) return {{Level::warning, "traffic", paths.error().what, "run as root"}};
    return ways_past_nftables(*paths);
}

std::vector<Finding> ways_past_nftables(const nftables::Paths& paths) {
    std::vector<Finding> findings;
    if (!paths.bridges.empty())
        findings.push_back({Level::ok,
                            "traffic",
                            "what bridge " + joined(paths.bridges) +
                                " switches is judged by the agent's table in the kernel's bridge "
                                "family; nobody is answered there",
                            {}});
    for (auto& text : nftables::describe_bypasses(paths, ""))
        findings.push_back({Level::warning, "traffic", std::move(text),
                            "until then no gate of this box is current"});
    for (auto& text : nftables::describe_doubts(paths))
        findings.push_back({Level::ok, "traffic", std::move(text), {}});
    return findings;
}

std::vector<Finding> kernel_ports(const boards::Board& board) {
    std::vector<Finding> findings;
    for (const auto& [inside, outside] : board.pairs) {
        examine_port(inside, findings);
        examine_port(outside, findings);
    }
    return findings;
}

} // namespace sweepgate::cli
