// SPDX-License-Identifier: Apache-2.0
#include "controlplane/catalog/read_networks.hpp"
#include "controlplane/catalog/catalog.hpp"
#include "controlplane/catalog/hostname.hpp"

namespace sweepgate {

namespace {

/// Wider than any network's own space: a slip that would call half the world shared.
constexpr unsigned shortest(Family family) { return family == Family::ipv4 ? 8 : 19; }

NetworkKind read_kind(config::Section& section) {
    const auto word = section.text("kind");
    for (const auto kind : {NetworkKind::cdn, NetworkKind::cloud, NetworkKind::redirect})
        if (to_string(kind) == word) return kind;
    section.reject("kind", "kind '" + word + "' is not cdn, cloud or redirect");
    return NetworkKind::cdn;
}

void read_prefixes(config::Section& section, Network& network) {
    for (const auto& text : section.texts("prefixes")) {
        const auto prefix = parse_prefix(text.value);
        if (!prefix)
            section.reject(text.line, prefix.error().what);
        else if (prefix->length < shortest(prefix->address.family))
            section.reject(text.line, "'" + text.value + "' is wider than /" +
                                          std::to_string(shortest(prefix->address.family)));
        else
            network.prefixes.push_back(*prefix);
    }
}

Network read_network(config::Section& section) {
    Network network;
    network.provider = section.text("provider");
    network.kind = read_kind(section);
    read_prefixes(section, network);
    for (const auto& text : section.texts("zones"))
        if (auto zone = parse_hostname(text.value))
            network.zones.push_back(std::move(*zone));
        else
            section.reject(text.line, zone.error().what);
    network.source = section.text_or("source", "");
    network.date = section.text_or("date", "");
    if (!network.prefixes.empty() && (network.source.empty() || network.date.empty()))
        section.reject("prefixes",
                       "prefixes of '" + network.provider + "' without source and date");
    return network;
}

} // namespace

std::string_view to_string(NetworkKind kind) {
    switch (kind) {
    case NetworkKind::cdn: return "cdn";
    case NetworkKind::cloud: return "cloud";
    case NetworkKind::redirect: return "redirect";
    }
    return "unknown";
}

std::vector<Network> read_networks(config::Section root) {
    std::vector<Network> networks;
    std::size_t prefixes = 0;
    for (auto& section : root.sections("network")) {
        networks.push_back(read_network(section));
        prefixes += networks.back().prefixes.size() + networks.back().zones.size();
        if (prefixes > kMaxNetworkPrefixes)
            section.reject(section.line(), "more than " + std::to_string(kMaxNetworkPrefixes) +
                                               " prefixes and zones");
    }
    return networks;
}

Result<std::vector<Network>> parse_networks(std::string_view text, std::string_view name) {
    const auto document = config::Document::parse(text, name);
    if (!document) return tl::unexpected(document.error());
    auto networks = read_networks(document->root());
    if (auto ok = document->finish(); !ok) return tl::unexpected(ok.error());
    return networks;
}

} // namespace sweepgate
