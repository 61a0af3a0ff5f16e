// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/compile.hpp"

#include <array>
#include <map>
#include <set>

#include "controlplane/model/judge.hpp"
#include "controlplane/nftables/sources.hpp"
#include "controlplane/nftables/treatment.hpp"

namespace sweepgate::nftables {

namespace {

constexpr std::array kFamilies{Family::ipv4, Family::ipv6};
constexpr std::array kTiers{Tier::terminal, Tier::limit, Tier::monitor};
constexpr std::array kSides{Side::to, Side::from};
constexpr std::array kShapes{Shape::hosts, Shape::ranges};

std::size_t place_of(Family family) { return family == Family::ipv4 ? 0 : 1; }

/// Neighbours of one class become one range.
std::vector<Element> joined(const std::vector<Entry>& entries) {
    std::vector<Element> elements;
    for (const auto& [prefix, index] : entries) {
        const auto range = to_range(prefix);
        const bool joins = !elements.empty() && elements.back().address_class == index &&
                           elements.back().range.last.family == range.first.family &&
                           elements.back().range.last.value + 1 == range.first.value;
        if (joins)
            elements.back().range.last = range.last;
        else
            elements.push_back({range, index});
    }
    return elements;
}

class Compilation {
public:
    Compilation(const Snapshot& snapshot, const CompileOptions& options)
        : snapshot_(snapshot), rules_(rules_under(snapshot.rules, options.receipt.schedules)),
          options_(options) {
        program_.tag = options.tag;
    }

    Program run() {
        add_group_sets();
        for (std::size_t i = 0; i < rules_.classes.size(); ++i)
            add_class(static_cast<ClassIndex>(i));
        add_reject_chains();
        add_limit_chains();
        add_class_maps();
        add_root();
        if (options_.output) add_entrances();
        program_.counters.assign(counters_.begin(), counters_.end());
        return std::move(program_);
    }

private:
    // --- groups ---------------------------------------------------------------------------

    std::string group_set(GroupIndex group, Family family) const {
        return root_chain(options_.tag) + "_k" + std::to_string(group) +
               (family == Family::ipv4 ? "_4" : "_6");
    }

    /// Only groups whose row differs from everyone's are ever asked for.
    void add_group_sets() {
        std::map<std::pair<GroupIndex, Family>, AddressSet> sets;
        for (const auto& [range, group] : flatten_sources(rules_)) {
            if (rules_.actions[group] == rules_.actions[kEveryone]) continue;
            sets[{group, range.first.family}].elements.push_back({range, 0});
        }
        for (auto& [key, set] : sets) {
            set.name = group_set(key.first, key.second);
            set.family = key.second;
            group_sets_.insert(key);
            program_.sets.push_back(std::move(set));
        }
    }

    // --- classes --------------------------------------------------------------------------

    void add_class(ClassIndex index) {
        for (const auto tier : kTiers) {
            const auto treatment = treatment_of(rules_, rules_.classes[index], tier);
            if (treatment.does_anything()) add_class(index, tier, treatment);
        }
    }

    void add_class(ClassIndex index, Tier tier, const Treatment& treatment) {
        const bool exclusive = rules_.classes[index].scope == Scope::exclusive;
        const bool one_chain = exclusive && treatment.treats_all_alike();
        if (one_chain) add_class_chain(index, tier, Side::any, treatment);
        for (const auto side : kSides) {
            if (!one_chain) add_class_chain(index, tier, side, treatment);
            verdicts(tier, side)
                .elements.push_back(
                    {index, class_chain(options_.tag, tier, one_chain ? Side::any : side, index)});
        }
    }

    void add_class_chain(ClassIndex index, Tier tier, Side side, const Treatment& treatment) {
        Chain chain{class_chain(options_.tag, tier, side, index), {}, {}};
        const bool shared = rules_.classes[index].scope == Scope::shared;
        if (shared) chain.rules = {{OnLaterFragment4{}, Return{}}, {OnLaterFragment6{}, Return{}}};
        for (std::size_t group = 1; group < treatment.groups.size(); ++group)
            if (treatment.groups[group] != treatment.groups[kEveryone])
                dispatch(chain, static_cast<GroupIndex>(group), side, treatment, shared);
        append_outcome(chain, treatment.groups[kEveryone], side, shared);
        program_.chains.push_back(std::move(chain));
    }

    /// Clients of this group leave `chain` for one of their own.
    void dispatch(Chain& chain, GroupIndex group, Side side, const Treatment& treatment,
                  bool shared) {
        Step leave = Return{};
        if (const auto& outcome = treatment.groups[group]; !outcome.empty()) {
            Chain own{chain.name + "_k" + std::to_string(group), {}, {}};
            append_outcome(own, outcome, side, shared);
            leave = GoTo{own.name};
            program_.chains.push_back(std::move(own));
        }
        const auto client = side == Side::to ? End::source : End::destination;
        for (const auto family : kFamilies)
            if (group_sets_.contains({group, family}))
                chain.rules.push_back({InSet{client, family, group_set(group, family)}, leave});
    }

    void append_outcome(Chain& chain, const Outcome& outcome, Side side, bool shared) {
        for (const auto& hit : outcome) {
            if (!shared) {
                chain.rules.push_back(verdict(hit));
                continue;
            }
            for (const auto& range : rules_.systems[hit.system].ports) {
                Rule rule{OnPort{side == Side::to ? End::destination : End::source, range}};
                for (auto& step : verdict(hit)) rule.push_back(std::move(step));
                chain.rules.push_back(std::move(rule));
            }
        }
    }

    Rule verdict(const Hit& hit) {
        auto counter = counter_name(hit.action, rules_.systems[hit.system].id);
        counters_.insert(counter);
        if (hit.action == Action::reject) {
            rejecting_.insert(hit.system);
            return {GoTo{reject_chain(hit.system)}};
        }
        if (hit.action == Action::limit) {
            limiting_.insert(hit.system);
            return {GoTo{limit_chain(hit.system)}};
        }
        if (hit.action == Action::drop) return {Count{std::move(counter)}, Drop{}};
        return {Count{std::move(counter)}, Accept{}};
    }

    // --- reject ---------------------------------------------------------------------------

    std::string reject_chain(SystemIndex system) const {
        return root_chain(options_.tag) + "_reject" + std::to_string(system);
    }

    void add_reject_chains() {
        for (const auto system : rejecting_) {
            const auto counter = counter_name(Action::reject, rules_.systems[system].id);
            Chain chain{reject_chain(system), {}, {}};
            if (options_.answers)
                chain.rules = {
                    {Count{counter}}, {OnTcp{}, RejectWithReset{}}, {RejectProhibited{}}};
            else
                chain.rules = {{Count{counter}, Drop{}}};
            program_.chains.push_back(std::move(chain));
        }
    }

    // --- limit ----------------------------------------------------------------------------

    std::string limit_chain(SystemIndex system) const {
        return root_chain(options_.tag) + "_limit" + std::to_string(system);
    }

    void add_limit_chains() {
        for (const auto index : limiting_) {
            const auto& system = rules_.systems[index];
            const auto rate = system.packets_per_second;
            const auto within = within_counter(system.id);
            counters_.insert(within);
            program_.limits.push_back({limit_name(rate, system.id), rate});
            program_.chains.push_back({limit_chain(index),
                                       {},
                                       {{OverLimit{limit_name(rate, system.id)},
                                         Count{counter_name(Action::limit, system.id)}, Drop{}},
                                        {Count{within}, Accept{}}}});
        }
    }

    // --- maps -----------------------------------------------------------------------------

    VerdictMap& verdicts(Tier tier, Side side) {
        return verdicts_[static_cast<std::size_t>(tier)][side == Side::to ? 0 : 1];
    }

    /// Also what is only ever passed, so that probe() finds it.
    void add_class_maps() {
        std::array<std::array<AddressSet, kFamilies.size()>, kShapes.size()> maps; // [shape]
        for (auto& element : joined(snapshot_.entries)) {
            const bool is_host = element.range.first == element.range.last;
            maps[is_host ? 0 : 1][place_of(element.range.first.family)].elements.push_back(element);
        }
        for (const auto family : kFamilies)
            for (const auto shape : kShapes) {
                auto& map = maps[shape == Shape::hosts ? 0 : 1][place_of(family)];
                if (map.elements.empty()) continue;
                map.name = class_map(options_.tag, shape, family);
                map.family = family;
                map.shape = shape;
                map.is_map = true;
                class_maps_.emplace_back(family, map.name);
                program_.sets.push_back(std::move(map));
            }
    }

    // --- root -----------------------------------------------------------------------------

    void add_root() {
        Chain root{root_chain(options_.tag), to_comment(options_.receipt), {}};
        if (options_.tagged_only)
            for (const auto family : kFamilies)
                root.rules.push_back({OnUntagged{family}, Return{}});
        add_allow(root);
        for (const auto tier : kTiers)
            for (const auto side : kSides) look_up(root, tier, side);
        program_.chains.push_back(std::move(root));
    }

    void look_up(Chain& root, Tier tier, Side side) {
        auto& map = verdicts(tier, side);
        if (map.elements.empty()) return;
        map.name = verdict_map(options_.tag, tier, side);
        const auto end = side == Side::to ? End::destination : End::source;
        for (const auto& [family, classes] : class_maps_)
            root.rules.push_back({JumpByClass{end, family, classes, map.name}});
        program_.verdicts.push_back(std::move(map));
    }

    void add_allow(Chain& root) {
        std::vector<Range> ranges;
        for (const auto& prefix : rules_.allow) ranges.push_back(to_range(prefix));
        for (const auto& prefix : options_.management) ranges.push_back(to_range(prefix));
        std::array<AddressSet, kFamilies.size()> sets;
        for (const auto& range : merge(std::move(ranges)))
            sets[place_of(range.first.family)].elements.push_back({range, 0});
        for (const auto family : kFamilies) {
            auto& set = sets[place_of(family)];
            if (set.elements.empty()) continue;
            set.name = allow_set(options_.tag, family);
            set.family = family;
            for (const auto end : {End::source, End::destination})
                root.rules.push_back({InSet{end, family, set.name}, Accept{}});
            add_quotes(root, family, set.name);
            program_.sets.push_back(std::move(set));
        }
    }

    /// ICMP errors that quote a packet of an allowed address.
    void add_quotes(Chain& root, Family family, const std::string& allowed) {
        const bool is_ipv4 = family == Family::ipv4;
        Chain chain{quote_chain(options_.tag, family), {}, {}};
        chain.rules.push_back(is_ipv4 ? Rule{OnLaterFragment4{}, Return{}}
                                      : Rule{OnLaterFragment6{}, Return{}});
        for (const auto end : {End::source, End::destination})
            chain.rules.push_back({OnQuote{family}, QuotedInSet{end, family, allowed}, Accept{}});
        for (const auto& [first, last] : error_types(family))
            root.rules.push_back({OnIcmp{family, first, last}, Jump{chain.name}});
        program_.chains.push_back(std::move(chain));
    }

    /// is_icmp_error() in ranges.
    static std::vector<std::pair<std::uint8_t, std::uint8_t>> error_types(Family family) {
        std::vector<std::pair<std::uint8_t, std::uint8_t>> ranges;
        for (unsigned type = 0; type <= 0xFF; ++type) {
            const auto number = static_cast<std::uint8_t>(type);
            if (!is_icmp_error(family, number)) continue;
            if (!ranges.empty() && ranges.back().second + 1 == number)
                ranges.back().second = number;
            else
                ranges.emplace_back(number, number);
        }
        return ranges;
    }

    /// The box's own refusals must get out: a reset carries the address of the listed server as
    /// its source, and an ICMP error may go to it.
    void add_entrances() {
        const auto root = root_chain(options_.tag);
        program_.chains.push_back(
            {entrance(Hook::input, options_.tag),
             {},
             {{OnLoopback{true}, Accept{}}, {OnNeighbourDiscovery{}, Accept{}}, {GoTo{root}}}});
        program_.chains.push_back({entrance(Hook::output, options_.tag),
                                   {},
                                   {{OnLoopback{false}, Accept{}},
                                    {OnNeighbourDiscovery{}, Accept{}},
                                    {OnReset{}, Accept{}},
                                    {OnUnreachable4{}, Accept{}},
                                    {OnUnreachable6{}, Accept{}},
                                    {GoTo{root}}}});
    }

    const Snapshot& snapshot_;
    const Ruleset rules_; // of these schedules
    const CompileOptions& options_;
    Program program_;
    std::set<std::string> counters_;
    std::set<SystemIndex> rejecting_;
    std::set<SystemIndex> limiting_;
    std::set<std::pair<GroupIndex, Family>> group_sets_;
    std::vector<std::pair<Family, std::string>> class_maps_;
    std::array<std::array<VerdictMap, kSides.size()>, kTiers.size()> verdicts_; // [tier][side]
};

} // namespace

Result<Program> compile(const Snapshot& snapshot, const CompileOptions& options) {
    if (auto ok = validate(snapshot); !ok) return within("snapshot", ok.error());
    return Compilation(snapshot, options).run();
}

} // namespace sweepgate::nftables
