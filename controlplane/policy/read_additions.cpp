// SPDX-License-Identifier: Apache-2.0
#include "controlplane/catalog/prefix_list.hpp"
#include "controlplane/policy/treatments.hpp"

namespace sweepgate {

namespace {

constexpr std::size_t kMaxAdded = 500'000; // prefixes over all [[add]]

void read_prefixes(config::Section& section, std::string_view policy,
                   std::map<Prefix, Origin>& into) {
    for (const auto& text : section.texts("prefixes")) {
        if (const auto prefix = parse_prefix(text.value))
            into[*prefix] = {Source::admin,
                             std::string(policy) + ": line " + std::to_string(text.line)};
        else
            section.reject(text, prefix.error().what);
    }
}

void read_lists(config::Section& section, const std::filesystem::path& folder,
                std::map<Prefix, Origin>& into) {
    for (const auto& text : section.texts("lists")) {
        if (!is_list_name(text.value)) {
            section.reject(text, in_quotes(text.value) + " is not the plain name of a file in " +
                                     folder.string());
            continue;
        }
        const auto listed = load_prefix_list(folder / text.value);
        if (!listed) {
            section.reject(text, listed.error().what);
            continue;
        }
        for (const auto& [prefix, line] : *listed)
            into.try_emplace(
                prefix, Origin{Source::asn_list, text.value + ": line " + std::to_string(line)});
    }
}

} // namespace

void read_addition(config::Section& section, std::string_view policy, const KnownWords& known,
                   const std::filesystem::path& lists, Additions& additions) {
    const auto system = section.text("system");
    check_known(section, "system", system, "system", known.systems);
    auto names = hostnames(section, "hostnames");
    std::map<Prefix, Origin> prefixes;
    read_prefixes(section, policy, prefixes);
    read_lists(section, lists, prefixes);
    if (names.empty() && prefixes.empty())
        section.reject_whole("[[add]] for " + in_quotes(system) +
                             " adds neither hostnames nor prefixes nor lists");
    if (!names.empty()) {
        auto& held = additions.hostnames[system];
        held.insert(held.end(), names.begin(), names.end());
    }
    if (!prefixes.empty()) additions.prefixes[system].merge(prefixes);
    std::size_t added = 0;
    for (const auto& [id, listed] : additions.prefixes) added += listed.size();
    if (added > kMaxAdded)
        section.reject_whole("more than " + std::to_string(kMaxAdded) + " prefixes added");
}

} // namespace sweepgate
