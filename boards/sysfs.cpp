// SPDX-License-Identifier: Apache-2.0
#include "boards/sysfs.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

namespace sweepgate::boards {

namespace fs = std::filesystem;

namespace {

constexpr std::streamoff kInterruptPin = 0x3D;
constexpr unsigned kMaxProcessors = 4096;
constexpr unsigned long kRouteUp = 0x1, kRouteReject = 0x200; // linux/route.h

std::string link_name(const fs::path& link) {
    std::error_code error;
    const auto target = fs::read_symlink(link, error);
    return error ? std::string{} : target.filename().string();
}

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

std::optional<unsigned> parse_unsigned(std::string_view text) {
    unsigned value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

unsigned long hexadecimal(const std::string& text) {
    unsigned long value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value, 16);
    return value;
}

bool is_default_ipv4(const std::vector<std::string>& words) {
    if (words.size() < 8) return false;
    const auto flags = hexadecimal(words[3]);
    return words[1] == "00000000" && words[7] == "00000000" && (flags & kRouteUp) != 0 &&
           (flags & kRouteReject) == 0;
}

bool is_default_ipv6(const std::vector<std::string>& words) {
    if (words.size() < 10 || words[9] == "lo") return false;
    return words[0] == std::string(32, '0') && words[1] == "00" &&
           (hexadecimal(words[8]) & kRouteReject) == 0;
}

} // namespace

std::optional<std::string> first_line(const fs::path& path) {
    std::ifstream file(path);
    std::string line;
    if (!file || !std::getline(file, line)) return std::nullopt;
    return line;
}

std::optional<std::uint64_t> number_in(const fs::path& path) {
    const auto line = first_line(path);
    std::uint64_t value = 0;
    if (!line) return std::nullopt;
    const auto* const end = line->data() + line->size();
    const auto [stop, error] = std::from_chars(line->data(), end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

std::vector<std::string> names_in(const fs::path& directory) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error))
        names.push_back(entry->path().filename().string());
    std::ranges::sort(names);
    return names;
}

std::set<unsigned> parse_cpu_list(std::string_view text) {
    std::set<unsigned> processors;
    while (!text.empty()) {
        const auto part = text.substr(0, text.find(','));
        const auto dash = part.find('-');
        const auto first = parse_unsigned(part.substr(0, dash));
        const auto last =
            dash == std::string_view::npos ? first : parse_unsigned(part.substr(dash + 1));
        if (!first || !last || *last >= kMaxProcessors) break;
        for (auto cpu = *first; cpu <= *last; ++cpu) processors.insert(cpu);
        text.remove_prefix(std::min(text.size(), part.size() + 1));
    }
    return processors;
}

std::optional<std::uint64_t> memory_available_kb(const SysPaths& paths) {
    std::ifstream file(paths.at("proc/meminfo"));
    for (std::string line; std::getline(file, line);) {
        const auto words = words_of(line);
        if (words.size() >= 2 && words[0] == "MemAvailable:") return parse_unsigned(words[1]);
    }
    return std::nullopt;
}

std::vector<std::string> interfaces(const SysPaths& paths) {
    std::ifstream file(paths.at("proc/net/dev"));
    std::vector<std::string> names;
    for (std::string line; std::getline(file, line);) {
        const auto colon = line.rfind(':');
        if (colon == std::string::npos) continue; // the two heading lines
        const auto start = line.find_first_not_of(' ');
        if (start < colon) names.push_back(line.substr(start, colon - start));
    }
    return names;
}

std::vector<std::string> default_route_interfaces(const SysPaths& paths) {
    std::set<std::string> names;
    std::ifstream ipv4(paths.at("proc/net/route"));
    for (std::string line; std::getline(ipv4, line);)
        if (const auto words = words_of(line); is_default_ipv4(words)) names.insert(words[0]);
    std::ifstream ipv6(paths.at("proc/net/ipv6_route"));
    for (std::string line; std::getline(ipv6, line);)
        if (const auto words = words_of(line); is_default_ipv6(words)) names.insert(words[9]);
    return {names.begin(), names.end()};
}

PciDevice::PciDevice(const SysPaths& paths, std::string_view address)
    : paths_(paths), path_(paths.at("sys/bus/pci/devices") / address), address_(address) {}

bool PciDevice::exists() const {
    std::error_code error;
    return fs::exists(path_, error);
}

std::string PciDevice::id() const {
    const auto vendor = first_line(path_ / "vendor").value_or("");
    const auto device = first_line(path_ / "device").value_or("");
    if (!vendor.starts_with("0x") || !device.starts_with("0x")) return {};
    return vendor.substr(2) + ":" + device.substr(2);
}

std::string PciDevice::driver() const { return link_name(path_ / "driver"); }

std::optional<std::string> PciDevice::iommu_group() const {
    const auto group = link_name(path_ / "iommu_group");
    if (group.empty()) return std::nullopt;
    return group;
}

std::vector<std::string> PciDevice::group_obstacles() const {
    std::vector<std::string> obstacles;
    const auto group = iommu_group();
    if (!group) return obstacles;
    // vfio accepts a group whose other members have no driver, vfio-pci, or pcieport (bridges).
    for (const auto& member : names_in(paths_.at("sys/kernel/iommu_groups") / *group / "devices")) {
        const auto driver = PciDevice(paths_, member).driver();
        if (member != address_ && !driver.empty() && driver != "vfio-pci" && driver != "pcieport")
            obstacles.push_back(member + " (" + driver + ")");
    }
    return obstacles;
}

bool PciDevice::has_interrupt_pin() const {
    std::ifstream config(path_ / "config", std::ios::binary);
    config.seekg(kInterruptPin);
    const auto pin = config.get();
    return config.good() && pin != 0;
}

std::vector<std::string> PciDevice::interfaces() const {
    auto names = names_in(path_ / "net");
    for (const auto& child : names_in(path_)) // virtio puts a bus of its own between
        if (child.starts_with("virtio"))
            for (auto& name : names_in(path_ / child / "net")) names.push_back(std::move(name));
    return names;
}

bool is_locked_down(const SysPaths& paths) {
    const auto line = first_line(paths.at("sys/kernel/security/lockdown"));
    return line && line->find("[none]") == std::string::npos;
}

} // namespace sweepgate::boards
