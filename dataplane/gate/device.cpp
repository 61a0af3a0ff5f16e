// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/device.hpp"

#include <algorithm>
#include <regex>

namespace sweepgate::gate {

namespace {

tl::unexpected<Error> refuse(std::string_view text, const std::string& why) {
    return fail(Errc::bad_input, "port '" + std::string(text.substr(0, 200)) + "': " + why);
}

/// Linux dev_valid_name(): at most 15 bytes, no '/' and no space. A comma would end the devarg.
bool is_interface_name(std::string_view name) {
    return !name.empty() && name.size() <= 15 && name != "." && name != ".." &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return c > ' ' && c < 127 && c != '/' && c != ',' && c != ':';
           });
}

bool is_file_name(std::string_view name) {
    return !name.empty() && name.find(',') == std::string_view::npos;
}

Result<Device> kernel_interface(std::string_view text, std::string_view driver, unsigned number,
                                std::string_view interface) {
    if (!is_interface_name(interface))
        return refuse(text, "'" + std::string(interface.substr(0, 64)) +
                                "' is not a name a network interface can have");
    return Device{"net_" + std::string(driver) + std::to_string(number),
                  "iface=" + std::string(interface), std::string(text), false};
}

Result<Device> capture(std::string_view text, unsigned number, std::string_view files) {
    const auto comma = files.find(',');
    if (comma == std::string_view::npos || !is_file_name(files.substr(0, comma)) ||
        !is_file_name(files.substr(comma + 1)))
        return refuse(text, "pcap: takes two files, 'pcap:in.pcap,out.pcap'");
    return Device{"net_pcap" + std::to_string(number),
                  "rx_pcap=" + std::string(files.substr(0, comma)) +
                      ",tx_pcap=" + std::string(files.substr(comma + 1)),
                  std::string(text), false};
}

/// "01:00.0" or "0000:01:00.0", as lspci prints it.
Result<Device> pci(std::string_view text) {
    static const std::regex form("(?:([0-9a-f]{4}):)?([0-9a-f]{2}:[0-9a-f]{2}\\.[0-7])",
                                 std::regex::icase);
    std::cmatch match;
    if (!std::regex_match(text.begin(), text.end(), match, form))
        return refuse(text, "is neither a PCI address nor af_xdp:NAME, af_packet:NAME, "
                            "pcap:IN,OUT, null: or net_...");
    const auto domain = match[1].matched ? match[1].str() : "0000";
    return Device{domain + ":" + match[2].str(), "", std::string(text), true};
}

} // namespace

std::string Device::argument(std::string_view key) const {
    for (std::size_t at = 0; at < arguments.size();) {
        const auto comma = std::min(arguments.find(',', at), arguments.size());
        const auto pair = std::string_view(arguments).substr(at, comma - at);
        if (pair.starts_with(key) && pair.size() > key.size() && pair[key.size()] == '=')
            return std::string(pair.substr(key.size() + 1));
        at = comma + 1;
    }
    return "";
}

std::string Device::interface() const {
    return is_af_packet() || is_af_xdp() ? argument("iface") : "";
}

std::string Device::label() const {
    const auto kernel = interface();
    return kernel.empty() ? name : kernel;
}

Result<Device> parse_device(std::string_view text, unsigned number) {
    const auto colon = text.find(':');
    const auto kind = text.substr(0, colon);
    const auto rest = colon == std::string_view::npos ? "" : text.substr(colon + 1);
    if (kind == "af_xdp" || kind == "af_packet") return kernel_interface(text, kind, number, rest);
    if (kind == "pcap") return capture(text, number, rest);
    if (kind == "null" && colon != std::string_view::npos)
        return Device{"net_null" + std::to_string(number), "no-rx=1", std::string(text), false};
    if (text.starts_with("net_")) {
        const auto comma = text.find(',');
        return Device{std::string(text.substr(0, comma)),
                      comma == std::string_view::npos ? "" : std::string(text.substr(comma + 1)),
                      std::string(text), false};
    }
    return pci(text);
}

} // namespace sweepgate::gate
