// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/kernel_lease.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

namespace sweepgate::gate {

namespace {

std::string listed(const std::map<std::string, bool>& features) {
    std::string text;
    for (const auto& [name, on] : features) text += (text.empty() ? "" : ", ") + name;
    return text;
}

FormerSettings read_record(const std::filesystem::path& path) {
    std::ostringstream text;
    if (std::ifstream file(path); file) text << file.rdbuf();
    return parse_former(text.str());
}

Status write_record(const std::filesystem::path& path, const FormerSettings& settings) {
    std::error_code ignored;
    if (settings.empty()) {
        std::filesystem::remove(path, ignored);
        // Ours, where systemd gives none; a folder that holds other records stays.
        if (std::getenv("RUNTIME_DIRECTORY") == nullptr)
            std::filesystem::remove(path.parent_path(), ignored);
        return {};
    }
    std::filesystem::create_directories(path.parent_path(), ignored);
    std::ofstream file(path, std::ios::trunc);
    file << to_text(settings);
    file.flush();
    if (file) return {};
    return fail(Errc::io, path.string() + " cannot be written: without it a killed gate's settings "
                                          "could not be given back");
}

} // namespace

std::string to_text(const FormerSettings& settings) {
    std::string text;
    for (const auto& [name, on] : settings.features)
        text += "feature " + name + (on ? " on\n" : " off\n");
    if (settings.mtu) text += "mtu " + std::to_string(*settings.mtu) + "\n";
    return text;
}

FormerSettings parse_former(const std::string& text) {
    FormerSettings settings;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string kind;
        std::string name;
        std::string state;
        words >> kind >> name >> state;
        if (kind == "feature" && (state == "on" || state == "off"))
            settings.features[name] = state == "on";
        if (kind == "mtu")
            if (const auto mtu = std::strtoul(name.c_str(), nullptr, 10); mtu != 0)
                settings.mtu = static_cast<unsigned>(mtu);
    }
    return settings;
}

FormerSettings merged(FormerSettings recorded, const FormerSettings& found) {
    recorded.features.insert(found.features.begin(), found.features.end());
    if (!recorded.mtu) recorded.mtu = found.mtu;
    return recorded;
}

std::filesystem::path record_of(const KernelInterface& interface) {
    const char* folder = std::getenv("RUNTIME_DIRECTORY");
    struct stat space {}; // interfaces are numbered in each network namespace anew
    stat("/proc/thread-self/ns/net", &space);
    return std::filesystem::path(folder != nullptr ? folder : "/run/sweepgate-dataplane") /
           ("port-" + std::to_string(space.st_ino) + "-" + std::to_string(interface.index()) + "-" +
            interface.name());
}

Result<KernelLease> KernelLease::take(const KernelInterface& interface, By by, unsigned mtu) {
    KernelLease lease(interface);
    const auto present = interface.mtu();
    if (!present) return tl::unexpected(present.error());
    const auto recorded = read_record(record_of(interface));
    FormerSettings found;
    if (mtu != 0 && mtu != *present) found.mtu = *present;
    // A device without features (there are some) has none in the way.
    const auto features = read_features(interface).value_or(Features{});
    const bool is_virtual_wire = is_virtual_wire_driver(interface.driver());
    // On a virtual wire the far end puts the tag apart, and this end's setting counts for nothing.
    const auto unwanted = unwanted_features(by == By::af_xdp && !is_virtual_wire);
    for (const auto& name : unwanted)
        if (const auto at = features.find(name); at != features.end() && at->second.changeable &&
                                                 (at->second.wanted || at->second.active))
            found.features[name] = at->second.wanted;
    lease.former_ = merged(recorded, found);
    if (auto ok = write_record(record_of(interface), lease.former_); !ok)
        return tl::unexpected(ok.error());
    lease.tell_of_record(recorded);
    if (found.mtu)
        if (auto ok = interface.set_mtu(mtu); !ok) return tl::unexpected(ok.error());
    if (by == By::af_packet && is_virtual_wire) lease.keep_peer_from_joining();
    if (by == By::af_xdp) TagKeeper::remove_leftover(interface);
    if (auto ok = lease.switch_off(unwanted); !ok) return tl::unexpected(ok.error());
    lease.unwanted_ = unwanted;
    lease.mtu_ = found.mtu ? mtu : *present;
    lease.tags_come_apart_ =
        by == By::af_xdp &&
        (is_virtual_wire || keeps_tags_apart(read_features(interface).value_or(Features{})));
    // TagKeeper takes the place of the driver's program, not of a dispatcher around it.
    if (lease.tags_come_apart_) setenv("LIBXDP_SKIP_DISPATCHER", "1", 0);
    return lease;
}

void KernelLease::keep_peer_from_joining() {
    auto attached = attach_pass(interface_);
    if (attached) {
        pass_ = std::move(*attached);
        return;
    }
    notices_.push_back(attached.error().what +
                       "; its far end may send frames above the MTU (TSO), which are dropped: "
                       "switch tso, gso and tx-udp-segmentation off there");
}

/// A program of the driver's may have switched some on, so each is asked again.
Status KernelLease::switch_off(const std::vector<std::string>& unwanted) {
    const auto features = read_features(interface_).value_or(Features{});
    std::map<std::string, bool> off;
    std::string stuck;
    for (const auto& name : unwanted) {
        const auto found = features.find(name);
        if (found == features.end() || !(found->second.active || found->second.wanted)) continue;
        if (found->second.changeable)
            off[name] = false;
        else if (found->second.active)
            stuck += (stuck.empty() ? "" : ", ") + name;
    }
    if (auto ok = write_features(interface_, off); !ok) return ok;
    if (!off.empty())
        notices_.push_back("switched off on " + interface_.name() +
                           " until the gate leaves: " + listed(off));
    if (!stuck.empty())
        notices_.push_back("interface " + interface_.name() + " does not let " + stuck +
                           " be switched off: what it joins above its MTU is dropped and counted "
                           "as rx_too_big");
    return {};
}

std::vector<std::string> KernelLease::look() {
    look_at_mtu();
    const auto features = read_features(interface_).value_or(Features{});
    std::map<std::string, bool> off;
    FormerSettings wished; // by whoever switched it on: his again when we leave
    for (const auto& name : unwanted_)
        if (const auto found = features.find(name);
            found != features.end() && found->second.changeable &&
            (found->second.active || found->second.wanted)) {
            off[name] = false;
            wished.features[name] = found->second.wanted;
        }
    if (off.empty()) return {};
    for (const auto& [name, on] : wished.features) former_.features[name] = on;
    (void)write_record(record_of(interface_), former_);
    if (!write_features(interface_, off)) return {}; // told by rx_too_big, if it matters
    // What stays on all the same is not asked again each second.
    const auto now = read_features(interface_).value_or(Features{});
    std::erase_if(unwanted_, [&](const std::string& name) {
        const auto found = now.find(name);
        return off.contains(name) && found != now.end() && found->second.active;
    });
    return {"switched off again on " + interface_.name() +
            ", where somebody had switched it on: " + listed(off)};
}

/// Queues and buffers were made for the other one.
void KernelLease::look_at_mtu() {
    const auto now = interface_.mtu();
    if (!now) return;
    fault_ = *now == mtu_ ? ""
                          : "the MTU of " + interface_.name() + " was changed from " +
                                std::to_string(mtu_) + " to " + std::to_string(*now) +
                                ": what is larger is dropped until the gate is started again";
}

void KernelLease::tell_of_record(const FormerSettings& recorded) {
    if (recorded.empty()) return;
    notices_.push_back(
        "interface " + interface_.name() +
        " still has the settings of a gate that was killed; given back at the end: " +
        listed(recorded.features) + (recorded.mtu ? " and its MTU" : ""));
}

KernelLease::KernelLease(KernelLease&& other) noexcept
    : interface_(std::move(other.interface_)), unwanted_(std::move(other.unwanted_)),
      mtu_(other.mtu_), fault_(std::move(other.fault_)), former_(std::move(other.former_)),
      pass_(std::move(other.pass_)), tags_come_apart_(other.tags_come_apart_),
      notices_(std::move(other.notices_)), open_(std::exchange(other.open_, false)) {}

KernelLease::~KernelLease() {
    if (!open_) return;
    const auto record = record_of(interface_); // by its number, which may be gone afterwards
    pass_ = Descriptor();
    bool back = true;
    if (former_.mtu) back = interface_.set_mtu(*former_.mtu).has_value();
    back = write_features(interface_, former_.features).has_value() && back;
    if (back || interface_.index() == 0) (void)write_record(record, {});
}

} // namespace sweepgate::gate
