// SPDX-License-Identifier: Apache-2.0
#include "controlplane/catalog/read_system.hpp"

#include <algorithm>
#include <charconv>

#include "controlplane/catalog/hostname.hpp"
#include "controlplane/model/nearest.hpp"
#include "controlplane/model/snapshot.hpp"

namespace sweepgate {

namespace {

constexpr config::Bounds kAsn{1, 0xFFFFFFFF};
const std::vector<std::string> kTransports{"tcp", "udp", "sctp"};
const std::vector<std::string> kEras{"current", "historical"};

template <typename T>
void sort_unique(std::vector<T>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

std::vector<std::string> hostnames(config::Section& section, std::string_view key) {
    std::vector<std::string> names;
    for (const auto& text : section.texts(key)) {
        if (auto name = parse_hostname(text.value))
            names.push_back(std::move(*name));
        else
            section.reject(text, name.error().what);
    }
    sort_unique(names);
    return names;
}

void append_patterns(config::Section& section, std::vector<std::string>& names) {
    for (const auto& text : section.texts("patterns")) {
        auto expanded = expand_pattern(text.value);
        if (!expanded)
            section.reject(text, expanded.error().what);
        else
            names.insert(names.end(), expanded->begin(), expanded->end());
    }
    sort_unique(names);
}

std::optional<Transport> transport_from(std::string_view word) {
    for (const auto transport : {Transport::tcp, Transport::udp, Transport::sctp})
        if (to_string(transport) == word) return transport;
    return std::nullopt;
}

std::optional<std::uint16_t> port_from(std::string_view text) {
    std::uint16_t port = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, fault] = std::from_chars(text.data(), end, port);
    if (fault != std::errc{} || stop != end || port == 0) return std::nullopt;
    return port;
}

std::optional<PortRange> port_range(Transport transport, std::string_view text) {
    const auto dash = std::min(text.find('-'), text.size());
    const auto first = port_from(text.substr(0, dash));
    const auto last = dash == text.size() ? first : port_from(text.substr(dash + 1));
    if (!first || !last || *first > *last) return std::nullopt;
    return PortRange{transport, *first, *last};
}

std::vector<PortRange> port_ranges(config::Section& root) {
    std::vector<PortRange> ranges;
    for (auto& section : root.sections("ports")) {
        const auto word = section.text("proto");
        const auto text = section.text("ports");
        section.text_or("note", "");
        const auto transport = transport_from(word);
        const auto range = port_range(transport.value_or(Transport::tcp), text);
        if (!transport)
            section.reject("proto", "proto '" + word + "' " + not_one_of(word, kTransports));
        else if (!range)
            section.reject("ports", "ports '" + text + "' is not a port or range within 1..65535");
        else
            ranges.push_back(*range);
    }
    sort_unique(ranges);
    return ranges;
}

void read_dns(config::Section dns, CatalogSystem& entry) {
    entry.hostnames = hostnames(dns, "hostnames");
    append_patterns(dns, entry.hostnames);
    entry.system.suffixes = hostnames(dns, "suffixes");
    entry.srv = hostnames(dns, "srv");
}

std::vector<Prefix> prefixes(config::Section& section) {
    std::vector<Prefix> found;
    for (const auto& text : section.texts("prefixes")) {
        if (const auto prefix = parse_prefix(text.value))
            found.push_back(*prefix);
        else
            section.reject(text, prefix.error().what);
    }
    sort_unique(found);
    return found;
}

void read_static(config::Section section, CatalogSystem& entry) {
    entry.static_prefixes = prefixes(section);
    for (const auto asn : section.integers("asns", kAsn))
        entry.asns.push_back(static_cast<std::uint32_t>(asn));
}

void read_shared(config::Section section, CatalogSystem& entry) {
    entry.shared_hostnames = hostnames(section, "hostnames");
    entry.shared_prefixes = prefixes(section);
    entry.shared_reason = section.text_or("reason", "");
}

void read_era(config::Section& root, CatalogSystem& entry) {
    const auto era = root.text("era");
    if (era != "current" && era != "historical")
        root.reject("era", "era '" + era + "' " + not_one_of(era, kEras));
    entry.historical = era == "historical";
    const auto word = root.text("default_action");
    if (const auto treatment = treatment_from(word))
        entry.default_action = *treatment;
    else
        root.reject("default_action", "default_action '" + word + "' " + not_a_treatment(word));
}

void read_identity(config::Section& root, CatalogSystem& entry) {
    entry.system.id = root.text("id");
    if (!is_system_id(entry.system.id))
        root.reject("id", "id '" + entry.system.id + "' is not 1..32 of a-z, 0-9 and '-'");
    entry.system.name = root.text("name");
    if (entry.system.name.empty() || entry.system.name.size() > kMaxText)
        root.reject("name", "name must have 1.." + std::to_string(kMaxText) + " characters");
    entry.operator_name = root.text("operator");
    entry.system.category = root.text("category");
    if (!is_system_id(entry.system.category))
        root.reject("category",
                    "category '" + entry.system.category + "' is not 1..32 of a-z, 0-9 and '-'");
}

void check_counts(config::Section& root, const CatalogSystem& entry) {
    if (entry.system.ports.size() > kMaxPortsPerSystem)
        root.reject("ports", "more than " + std::to_string(kMaxPortsPerSystem) + " port ranges");
    if (entry.system.suffixes.size() > kMaxSuffixesPerSystem)
        root.reject("dns", "more than " + std::to_string(kMaxSuffixesPerSystem) + " suffixes");
}

} // namespace

CatalogSystem read_system(config::Section root) {
    CatalogSystem entry;
    read_identity(root, entry);
    read_era(root, entry);
    if (auto dns = root.section("dns")) read_dns(*dns, entry);
    if (auto section = root.section("static")) read_static(*section, entry);
    if (auto section = root.section("shared")) read_shared(*section, entry);
    entry.system.ports = port_ranges(root);
    for (auto& source : root.sections("sources")) {
        source.text_or("ref", "");
        source.text_or("fact", "");
    }
    check_counts(root, entry);
    // A name on both lists is shared: what serves others is never treated as the system's alone.
    std::erase_if(entry.hostnames, [&](const auto& name) { return entry.shares(name); });
    return entry;
}

} // namespace sweepgate
