// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/machine.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <sstream>

#include <ifaddrs.h>
#include <netinet/in.h>

#include "controlplane/config/document.hpp"
#include "resolver/endpoint.hpp"

namespace sweepgate::controller {

namespace {

constexpr std::size_t kMaxRoutes = std::size_t{4} << 20U;

std::optional<std::uint32_t> hexadecimal(std::string_view digits) {
    std::uint32_t value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

std::optional<Address> address_of(const sockaddr* socket_address) {
    if (socket_address == nullptr) return std::nullopt;
    std::span<const std::uint8_t> bytes;
    if (socket_address->sa_family == AF_INET) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(socket_address);
        bytes = {reinterpret_cast<const std::uint8_t*>(&v4->sin_addr), 4};
    } else if (socket_address->sa_family == AF_INET6) {
        const auto* v6 = reinterpret_cast<const sockaddr_in6*>(socket_address);
        bytes = {reinterpret_cast<const std::uint8_t*>(&v6->sin6_addr), 16};
    } else {
        return std::nullopt;
    }
    return address_from_bytes(bytes).value();
}

std::vector<Address> interface_addresses() {
    struct FreeInterfaces {
        void operator()(ifaddrs* list) const noexcept { freeifaddrs(list); }
    };
    ifaddrs* raw = nullptr;
    if (getifaddrs(&raw) != 0) return {};
    const std::unique_ptr<ifaddrs, FreeInterfaces> list(raw);
    std::vector<Address> addresses;
    for (const auto* each = list.get(); each != nullptr; each = each->ifa_next)
        if (const auto address = address_of(each->ifa_addr)) addresses.push_back(*address);
    return addresses;
}

void add(std::vector<Guarded>& guarded, const std::vector<Address>& addresses, const char* what) {
    for (const auto& address : addresses) guarded.push_back({host(address), what});
}

template <typename Parse>
std::vector<Address> gateways(const char* path, Parse parse) {
    // A kernel without IPv6 has no such file: no gateways then.
    const auto text = config::read_file(path, kMaxRoutes);
    return text ? parse(*text) : std::vector<Address>{};
}

} // namespace

std::vector<Address> default_gateways_v4(std::string_view proc_net_route) {
    std::vector<Address> found;
    std::istringstream lines{std::string(proc_net_route)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);
        std::string interface, destination, gateway;
        if (!(fields >> interface >> destination >> gateway) || destination != "00000000") continue;
        // The kernel prints the bytes as they lie in memory.
        const auto value = hexadecimal(gateway);
        if (value && *value != 0) found.push_back(ipv4(ntohl(*value)));
    }
    return found;
}

std::vector<Address> default_gateways_v6(std::string_view proc_net_ipv6_route) {
    std::vector<Address> found;
    std::istringstream lines{std::string(proc_net_ipv6_route)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);
        std::string destination, length, source, source_length, gateway;
        if (!(fields >> destination >> length >> source >> source_length >> gateway) ||
            length != "00" || gateway.size() != 32)
            continue;
        Address address{Family::ipv6, 0};
        bool valid = true;
        for (std::size_t i = 0; i < 32; i += 8) {
            const auto part = hexadecimal(std::string_view(gateway).substr(i, 8));
            valid = valid && part;
            address.value = (address.value << 32U) | part.value_or(0);
        }
        if (valid && address.value != 0) found.push_back(address);
    }
    return found;
}

Result<Address> resolver_address(std::string_view server) {
    const auto endpoint = dns::parse_endpoint(server);
    if (!endpoint) return tl::unexpected(endpoint.error());
    return endpoint->address;
}

std::vector<Guarded> addresses_in_use(std::span<const std::string> resolvers) {
    std::vector<Guarded> guarded;
    for (const auto& resolver : resolvers)
        if (const auto address = resolver_address(resolver))
            guarded.push_back({host(*address), "resolver in use"});
    add(guarded, interface_addresses(), "own address");
    add(guarded, gateways("/proc/self/net/route", default_gateways_v4), "default gateway");
    add(guarded, gateways("/proc/self/net/ipv6_route", default_gateways_v6), "default gateway");
    return guarded;
}

} // namespace sweepgate::controller
