// SPDX-License-Identifier: Apache-2.0
// [[add]]: names, prefixes and the lists that name them.
#include <algorithm>

#include "controlplane/model/nearest.hpp"
#include "controlplane/policy/policy_lists.hpp"
#include "controlplane/policy/treatments.hpp"

namespace sweepgate {

namespace {

constexpr std::size_t kMaxAdded = 500'000;     // prefixes over all [[add]]
constexpr std::size_t kMaxAddedNames = 50'000; // names, likewise

/// One entry of `lists`.
struct NamedList {
    config::Text file;
    ListFormat format = ListFormat::plain;
};

ListFormat format_at(config::Section& section, ListFormat otherwise) {
    const auto word = section.optional_text("format");
    if (!word) return otherwise;
    if (const auto format = list_format_from(word->value)) return *format;
    std::string known;
    for (const auto& each : list_format_words()) known += (known.empty() ? "" : ", ") + each;
    section.reject(*word, "format " + in_quotes(word->value) + " is not one of " + known +
                              did_you_mean(word->value, list_format_words()));
    return otherwise;
}

std::vector<NamedList> named_lists(config::Section& section) {
    std::vector<NamedList> lists;
    const auto format = format_at(section, ListFormat::plain);
    for (auto& each : section.texts_or_sections("lists")) {
        if (!each.section) {
            lists.push_back({each.text, format});
            continue;
        }
        auto file = each.section->optional_text("file");
        const auto own = format_at(*each.section, format);
        if (file)
            lists.push_back({std::move(*file), own});
        else
            each.section->reject_whole("a list without its file");
    }
    return lists;
}

class Adder {
public:
    Adder(config::Section& section, std::string_view name, PolicyLists& lists, Policy& policy)
        : section_(section), name_(name), lists_(lists), policy_(policy) {}

    void add_prefixes() {
        for (const auto& text : section_.texts("prefixes"))
            if (const auto prefix = prefix_of(section_, text))
                prefixes[*prefix] = {Source::admin,
                                     std::string(name_) + ": line " + std::to_string(text.line)};
    }

    void add_list(const std::string& system, const NamedList& list) {
        const auto& file = list.file.value;
        if (!is_list_name(file))
            return section_.reject(list.file,
                                   in_quotes(file) +
                                       " is not the plain name of a file in the folder of lists");
        const auto& read = lists_.read(file, list.format);
        if (!read) return section_.reject(list.file, read.error().what);
        if (!lists_.is_new_to(system, file, list.format)) return;
        for (const auto& [prefix, line] : read->list.prefixes)
            prefixes.try_emplace(prefix,
                                 Origin{Source::asn_list, file + ": line " + std::to_string(line)});
        for (const auto& [hostname, line] : read->list.names) names.push_back(hostname);
        remember(list, *read);
    }

    std::map<Prefix, Origin> prefixes;
    std::vector<std::string> names;

private:
    /// Each list once, however many systems it serves.
    void remember(const NamedList& list, const PolicyLists::Read& read) {
        const auto key = [](const UsedList& used) { return std::pair(used.name, used.format); };
        auto& lists = policy_.lists;
        const auto place =
            std::ranges::lower_bound(lists, std::pair(list.file.value, list.format), {}, key);
        if (place != lists.end() && key(*place) == std::pair(list.file.value, list.format)) return;
        lists.insert(place, {list.file.value, list.format, read.text});
        std::ranges::move(read.list.warnings(list.file.value),
                          std::back_inserter(policy_.warnings));
    }

    config::Section& section_;
    std::string_view name_;
    PolicyLists& lists_;
    Policy& policy_;
};

/// False, and told, where it is more than anybody may add.
bool check_sizes(config::Section& section, const Additions& additions) {
    std::size_t prefixes = 0;
    for (const auto& [id, listed] : additions.prefixes) prefixes += listed.size();
    if (prefixes > kMaxAdded)
        section.reject_whole("more than " + std::to_string(kMaxAdded) + " prefixes added");
    std::size_t names = 0;
    for (const auto& [id, listed] : additions.hostnames) names += listed.size();
    if (names > kMaxAddedNames)
        section.reject_whole("more than " + std::to_string(kMaxAddedNames) + " names added");
    return prefixes <= kMaxAdded && names <= kMaxAddedNames;
}

} // namespace

bool read_addition(config::Section& section, std::string_view name, const KnownWords& known,
                   PolicyLists& lists, Policy& policy) {
    const auto system = section.text("system");
    check_known(section, "system", system, "system", known.systems);
    Adder adder(section, name, lists, policy);
    adder.names = hostnames(section, "hostnames");
    adder.add_prefixes();
    const auto named = named_lists(section);
    for (const auto& list : named) adder.add_list(system, list);
    if (adder.names.empty() && adder.prefixes.empty() && named.empty())
        section.reject_whole("[[add]] for " + in_quotes(system) +
                             " adds neither hostnames nor prefixes nor lists");
    auto& additions = policy.additions;
    if (!adder.names.empty()) {
        auto& held = additions.hostnames[system];
        held.insert(held.end(), adder.names.begin(), adder.names.end());
    }
    if (!adder.prefixes.empty()) additions.prefixes[system].merge(adder.prefixes);
    return check_sizes(section, additions);
}

} // namespace sweepgate
