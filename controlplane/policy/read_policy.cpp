// SPDX-License-Identifier: Apache-2.0
// A policy file, read into the value. Faults of meaning are reported like faults of form: with
// file, line and the bad value.
#include "controlplane/catalog/hostname.hpp"
#include "controlplane/model/prefix_text.hpp"
#include "controlplane/policy/policy_lists.hpp"
#include "controlplane/policy/treatments.hpp"

namespace sweepgate {

namespace {

constexpr config::Bounds kPacketsPerSecond{1, kMaxPacketsPerSecond};
constexpr std::size_t kRangeShown = 8; // prefixes of a range in a fault

} // namespace

std::vector<Prefix> prefixes(config::Section& section, std::string_view key) {
    std::vector<Prefix> found;
    for (const auto& text : section.texts(key))
        if (const auto prefix = prefix_of(section, text)) found.push_back(*prefix);
    return found;
}

std::optional<Prefix> prefix_of(config::Section& section, const config::Text& text) {
    const auto prefix = parse_prefix(text.value);
    if (prefix) return *prefix;
    const auto range = parse_range(text.value);
    auto fault = prefix.error().what;
    if (range && *range) {
        const auto parts = to_prefixes(**range);
        fault += " but a range: write";
        for (std::size_t i = 0; i < parts.size() && i < kRangeShown; ++i)
            fault += " " + to_string(parts[i]);
        if (parts.size() > kRangeShown) fault += " ...";
    } else if (text.value.find('/') == std::string::npos && parse_hostname(text.value)) {
        fault += " but a name: put it under hostnames";
    }
    section.reject(text, fault);
    return std::nullopt;
}

std::vector<std::string> hostnames(config::Section& section, std::string_view key) {
    std::vector<std::string> found;
    for (const auto& text : section.texts(key)) {
        if (auto name = parse_hostname(text.value))
            found.push_back(std::move(*name));
        else
            section.reject(text, name.error().what);
    }
    return found;
}

namespace {

class Reader {
public:
    Reader(const Catalog& catalog, std::string_view name, const ListTexts& lists)
        : catalog_(catalog), name_(name),
          lists_(lists), known_{catalog.ids(), catalog.categories()} {}

    Policy read(config::Section root) {
        if (auto defaults = root.section("defaults")) read_defaults(*defaults);
        if (auto inspect = root.section("inspect"))
            policy_.inspect_tunnels = inspect->boolean_or("tunnels", false);
        read_named(root, known_, policy_.everyone);
        for (auto& section : root.sections("group")) read_group(section);
        for (auto& section : root.sections("schedule"))
            policy_.schedules.push_back(read_schedule(section, known_, policy_));
        for (auto& section : root.sections("sanctioned")) read_sanctioned(section);
        for (auto& section : root.sections("add"))
            if (!read_addition(section, name_, known_, lists_, policy_)) {
                root.leave_unread("add");
                break;
            }
        if (auto never = root.section("never_block")) {
            policy_.never_block.hostnames = hostnames(*never, "hostnames");
            policy_.never_block.prefixes = prefixes(*never, "prefixes");
            reject_wide(*never, "never_block", policy_.never_block.prefixes);
        }
        if (auto own = root.section("own")) {
            policy_.own = prefixes(*own, "prefixes");
            reject_wide(*own, "own", policy_.own);
        }
        if (auto guard = root.section("guard")) read_guard(*guard, known_, policy_);
        if (auto limits = root.section("limits")) read_limits(*limits);
        check_groups(root);
        check_schedules(root);
        return std::move(policy_);
    }

private:
    void read_defaults(config::Section& section) {
        policy_.everyone.otherwise = treatment_at(section, "action");
        policy_.historical_static = section.boolean_or("historical_static", false);
        policy_.shared_web = section.boolean_or("shared_web", false);
    }

    void read_group(config::Section& section) {
        PolicyGroup group;
        group.name = section.text("name");
        if (!is_system_id(group.name) || group.name == "everyone")
            section.reject("name", "group name " + in_quotes(group.name) +
                                       " is not 1..32 of a-z, 0-9 and '-', or is 'everyone'");
        for (const auto& other : policy_.groups)
            if (other.name == group.name)
                section.reject("name", "group " + in_quotes(group.name) + " stands twice");
        group.sources = read_sources(section, group.name);
        group.treatments.otherwise = treatment_at(section, "action");
        read_named(section, known_, group.treatments);
        policy_.groups.push_back(std::move(group));
    }

    std::vector<Prefix> read_sources(config::Section& section, const std::string& group) {
        std::vector<Prefix> sources;
        for (const auto& text : section.texts("sources")) {
            const auto prefix = prefix_of(section, text);
            if (!prefix) continue;
            const auto [earlier, fresh] = group_of_source_.emplace(*prefix, group);
            if (!fresh)
                section.reject(text, "source " + to_string(*prefix) + " of group " +
                                         in_quotes(group) + " already stands in group " +
                                         in_quotes(earlier->second));
            sources.push_back(*prefix);
        }
        if (sources.empty())
            section.reject("sources", "group " + in_quotes(group) + " has no sources");
        return sources;
    }

    static void reject_wide(config::Section& section, std::string_view what,
                            const std::vector<Prefix>& prefixes) {
        for (const auto& prefix : prefixes)
            if (is_too_wide(prefix))
                section.reject("prefixes", std::string(what) + " " + to_string(prefix) +
                                               " is wider than /" +
                                               std::to_string(widest_opening(prefix)));
    }

    void read_sanctioned(config::Section& section) {
        Sanctioned server{section.text("name"), hostnames(section, "hostnames"),
                          prefixes(section, "prefixes")};
        if (server.hostnames.empty() && server.prefixes.empty())
            section.reject_whole("sanctioned " + in_quotes(server.name) +
                                 " has neither hostnames nor prefixes");
        reject_wide(section, "sanctioned", server.prefixes);
        policy_.sanctioned.push_back(std::move(server));
    }

    void read_limits(config::Section& section) {
        const auto rate = [](config::Section& in, const std::string& key, std::uint32_t fallback) {
            return static_cast<std::uint32_t>(in.integer_or(key, fallback, kPacketsPerSecond));
        };
        auto& limits = policy_.limits;
        limits.packets_per_second = rate(section, "packets_per_second", limits.packets_per_second);
        auto systems = section.section("systems");
        if (!systems) return;
        for (const auto& id : systems->keys()) {
            check_known(*systems, id, "system", known_.systems);
            limits.systems[id] = rate(*systems, id, 1);
        }
    }

    void check_groups(config::Section& root) {
        auto sections = root.sections("group");
        if (sections.size() >= kMaxGroups)
            root.reject("group", "more than " + std::to_string(kMaxGroups - 1) + " groups");
        if (group_of_source_.size() > kMaxSources)
            root.reject("group", "more than " + std::to_string(kMaxSources) + " sources");
        for (std::size_t i = 0; i < sections.size(); ++i)
            check_sanctions(sections[i], "group " + in_quotes(policy_.groups[i].name),
                            policy_.groups[i].treatments, policy_, catalog_);
    }

    void check_schedules(config::Section& root) {
        auto sections = root.sections("schedule");
        if (sections.size() > kMaxSchedules)
            root.reject("schedule", "more than " + std::to_string(kMaxSchedules) + " schedules");
        for (std::size_t i = 0; i < sections.size(); ++i)
            check_sanctions(sections[i], "schedule " + in_quotes(policy_.schedules[i].name),
                            policy_.schedules[i].treatments, policy_, catalog_);
    }

    const Catalog& catalog_;
    std::string_view name_;
    PolicyLists lists_;
    KnownWords known_;
    std::map<Prefix, std::string> group_of_source_;
    Policy policy_;
};

Result<Policy> read_policy(const Result<config::Document>& document, std::string_view name,
                           const Catalog& catalog, const ListTexts& lists) {
    if (!document) return tl::unexpected(document.error());
    auto policy = Reader(catalog, name, lists).read(document->root());
    if (auto ok = document->finish(); !ok) return tl::unexpected(ok.error());
    return policy;
}

} // namespace

ListTexts lists_in(std::filesystem::path folder) {
    return [folder = std::move(folder)](const std::string& name, ListFormat) {
        return config::read_file(folder / name, kMaxListBytes);
    };
}

Result<Policy> load_policy(const std::filesystem::path& path, const Catalog& catalog,
                           const std::filesystem::path& lists) {
    return read_policy(config::Document::load(path), path.filename().string(), catalog,
                       lists_in(lists));
}

Result<Policy> parse_policy_with(std::string_view text, std::string_view name,
                                 const Catalog& catalog, const ListTexts& lists) {
    return read_policy(config::Document::parse(text, name), name, catalog, lists);
}

Result<Policy> parse_policy(std::string_view text, std::string_view name, const Catalog& catalog,
                            const std::filesystem::path& lists) {
    return parse_policy_with(text, name, catalog, lists_in(lists));
}

} // namespace sweepgate
