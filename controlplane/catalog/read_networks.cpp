// SPDX-License-Identifier: Apache-2.0
#include "controlplane/catalog/read_networks.hpp"

#include <iterator>

#include "controlplane/catalog/catalog.hpp"
#include "controlplane/catalog/hostname.hpp"
#include "controlplane/catalog/prefix_list.hpp"
#include "controlplane/model/nearest.hpp"

namespace sweepgate {

namespace {

/// Wider than any network's own space: a slip that would call half the world shared.
constexpr unsigned shortest(Family family) { return family == Family::ipv4 ? 8 : 19; }

NetworkKind read_kind(config::Section& section) {
    const auto word = section.text("kind");
    for (const auto kind : {NetworkKind::cdn, NetworkKind::cloud, NetworkKind::redirect})
        if (to_string(kind) == word) return kind;
    static const std::vector<std::string> kKinds{"cdn", "cloud", "redirect"};
    section.reject("kind", "kind '" + word + "' " + not_one_of(word, kKinds));
    return NetworkKind::cdn;
}

/// What is wrong with it, or "".
std::string too_wide(const Prefix& prefix) {
    const auto least = shortest(prefix.address.family);
    return prefix.length >= least
               ? ""
               : "'" + to_string(prefix) + "' is wider than /" + std::to_string(least);
}

void read_prefixes(config::Section& section, Network& network) {
    for (const auto& text : section.texts("prefixes")) {
        const auto prefix = parse_prefix(text.value);
        const auto fault = prefix ? too_wide(*prefix) : prefix.error().what;
        if (!fault.empty())
            section.reject(text, fault);
        else
            network.prefixes.push_back(*prefix);
    }
}

void read_prefix_file(config::Section& section, const config::Text& name,
                      const std::filesystem::path& folder, const FileTexts& texts, Network& network,
                      std::vector<std::string>& warnings) {
    if (!is_list_name(name.value))
        return section.reject(name, "'" + name.value +
                                        "' is not the plain name of a file beside this one");
    const auto path = folder / name.value;
    const auto text = texts(path);
    if (!text) return section.reject(name, text.error().what);
    const auto listed = parse_prefix_list(*text, path.string());
    if (!listed) return section.reject(name, listed.error().what);
    for (const auto& [prefix, line] : listed->prefixes) {
        if (const auto fault = too_wide(prefix); !fault.empty())
            return section.reject(name,
                                  name.value + ": line " + std::to_string(line) + ": " + fault);
        network.prefixes.push_back(prefix);
    }
    auto lost = listed->warnings(path.string());
    std::move(lost.begin(), lost.end(), std::back_inserter(warnings));
}

Network read_network(config::Section& section, const std::filesystem::path& folder,
                     const FileTexts& texts, std::vector<std::string>& warnings) {
    Network network;
    network.provider = section.text("provider");
    network.kind = read_kind(section);
    read_prefixes(section, network);
    for (const auto& name : section.texts("prefix_files"))
        read_prefix_file(section, name, folder, texts, network, warnings);
    for (const auto& text : section.texts("zones"))
        if (auto zone = parse_hostname(text.value))
            network.zones.push_back(std::move(*zone));
        else
            section.reject(text, zone.error().what);
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

std::vector<Network> read_networks(config::Section root, const std::filesystem::path& folder,
                                   const FileTexts& texts, std::vector<std::string>& warnings) {
    std::vector<Network> networks;
    std::size_t prefixes = 0;
    for (auto& section : root.sections("network")) {
        networks.push_back(read_network(section, folder, texts, warnings));
        prefixes += networks.back().prefixes.size() + networks.back().zones.size();
        if (prefixes > kMaxNetworkPrefixes)
            section.reject_whole("more than " + std::to_string(kMaxNetworkPrefixes) +
                                 " prefixes and zones");
    }
    return networks;
}

Result<std::vector<Network>> parse_networks(std::string_view text, std::string_view name,
                                            const std::filesystem::path& folder) {
    const auto document = config::Document::parse(text, name);
    if (!document) return tl::unexpected(document.error());
    std::vector<std::string> warnings;
    const auto texts = [](const auto& path) { return config::read_file(path, kMaxListBytes); };
    auto networks = read_networks(document->root(), folder, texts, warnings);
    if (auto ok = document->finish(); !ok) return tl::unexpected(ok.error());
    return networks;
}

} // namespace sweepgate
