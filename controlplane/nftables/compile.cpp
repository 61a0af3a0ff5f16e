// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/compile.hpp"

#include <array>
#include <map>
#include <set>

#include "controlplane/nftables/sources.hpp"
#include "controlplane/nftables/treatment.hpp"

namespace sweepgate::nftables {

namespace {

constexpr std::array kFamilies{Family::ipv4, Family::ipv6};
constexpr std::array kTiers{Tier::terminal, Tier::monitor};
constexpr std::array kSides{Side::any, Side::to, Side::from};

std::size_t place_of(Family family) { return family == Family::ipv4 ? 0 : 1; }

/// A map under construction: `target_of[class]` is where the elements of that class jump.
struct MapDraft {
    AddressSet set;
    std::map<ClassIndex, std::uint32_t> target_of;

    void add(const Range& range, ClassIndex index) {
        const auto target = target_of.at(index);
        auto& elements = set.elements;
        const bool joins = !elements.empty() && elements.back().target == target &&
                           elements.back().range.last.value + 1 == range.first.value;
        if (joins)
            elements.back().range.last = range.last;
        else
            elements.push_back({range, target});
    }
};

class Compilation {
public:
    Compilation(const Snapshot& snapshot, const CompileOptions& options)
        : snapshot_(snapshot), rules_(snapshot.rules), options_(options) {
        program_.tag = options.tag;
    }

    Program run() {
        add_group_sets();
        name_maps();
        for (std::size_t i = 0; i < rules_.classes.size(); ++i)
            add_class(static_cast<ClassIndex>(i));
        add_reject_chains();
        place_entries();
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
            auto& set = sets[{group, range.first.family}];
            set.elements.push_back({range, 0});
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
        const auto& address_class = rules_.classes[index];
        const auto terminal = treatment_of(rules_, address_class, Tier::terminal);
        const auto monitor = treatment_of(rules_, address_class, Tier::monitor);
        // What is only ever passed is listed all the same, so that probe() finds it.
        if (terminal.does_anything() || !monitor.does_anything())
            add_class(index, Tier::terminal, terminal);
        if (monitor.does_anything()) add_class(index, Tier::monitor, monitor);
    }

    void add_class(ClassIndex index, Tier tier, const Treatment& treatment) {
        const bool exclusive = rules_.classes[index].scope == Scope::exclusive;
        if (!treatment.does_anything() || (exclusive && treatment.treats_all_alike())) {
            add_class_chain(index, tier, Side::any, treatment);
            return;
        }
        add_class_chain(index, tier, Side::to, treatment);
        add_class_chain(index, tier, Side::from, treatment);
    }

    void add_class_chain(ClassIndex index, Tier tier, Side side, const Treatment& treatment) {
        Chain chain{class_chain(options_.tag, tier, side, index), {}, {}};
        const bool shared = rules_.classes[index].scope == Scope::shared;
        if (shared && treatment.does_anything())
            chain.rules = {{OnLaterFragment4{}, Return{}}, {OnLaterFragment6{}, Return{}}};
        for (std::size_t group = 1; group < treatment.groups.size(); ++group)
            if (treatment.groups[group] != treatment.groups[kEveryone])
                dispatch(chain, static_cast<GroupIndex>(group), side, treatment, shared);
        append_outcome(chain, treatment.groups[kEveryone], side, shared);
        register_target(index, tier, side, chain.name);
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
            program_.chains.push_back(
                {reject_chain(system),
                 {},
                 {{Count{counter}}, {OnTcp{}, RejectWithReset{}}, {RejectProhibited{}}}});
        }
    }

    // --- maps -----------------------------------------------------------------------------

    MapDraft& draft(Tier tier, Side side, Family family) {
        return drafts_[static_cast<std::size_t>(tier)][static_cast<std::size_t>(side)]
                      [place_of(family)];
    }

    void name_maps() {
        for (const auto tier : kTiers)
            for (const auto side : kSides)
                for (const auto family : kFamilies) {
                    auto& set = draft(tier, side, family).set;
                    set.name = map_name(options_.tag, tier, side, family);
                    set.family = family;
                }
    }

    void register_target(ClassIndex index, Tier tier, Side side, const std::string& chain) {
        for (const auto family : kFamilies) {
            auto& map = draft(tier, side, family);
            map.target_of[index] = static_cast<std::uint32_t>(map.set.targets.size());
            map.set.targets.push_back(chain);
        }
    }

    void place_entries() {
        for (const auto& [prefix, index] : snapshot_.entries)
            for (const auto tier : kTiers)
                for (const auto side : kSides)
                    if (auto& map = draft(tier, side, prefix.address.family);
                        map.target_of.contains(index))
                        map.add(to_range(prefix), index);
    }

    // --- root -----------------------------------------------------------------------------

    void add_root() {
        Chain root{root_chain(options_.tag), to_comment(options_.receipt), {}};
        add_allow(root);
        for (const auto tier : kTiers) {
            for (const auto side : {Side::any, Side::to})
                look_up(root, tier, side, End::destination);
            for (const auto side : {Side::any, Side::from}) look_up(root, tier, side, End::source);
        }
        for (auto& tier : drafts_)
            for (auto& side : tier)
                for (auto& map : side)
                    if (!map.set.elements.empty()) program_.sets.push_back(std::move(map.set));
        program_.chains.push_back(std::move(root));
    }

    void look_up(Chain& root, Tier tier, Side side, End end) {
        for (const auto family : kFamilies)
            if (const auto& set = draft(tier, side, family).set; !set.elements.empty())
                root.rules.push_back({JumpByMap{end, family, set.name}});
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
            program_.sets.push_back(std::move(set));
        }
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
    const Ruleset& rules_;
    const CompileOptions& options_;
    Program program_;
    std::set<std::string> counters_;
    std::set<SystemIndex> rejecting_;
    std::set<std::pair<GroupIndex, Family>> group_sets_;
    std::array<std::array<std::array<MapDraft, 2>, 3>, 2> drafts_; // [tier][side][family]
};

} // namespace

Result<Program> compile(const Snapshot& snapshot, const CompileOptions& options) {
    if (auto ok = validate(snapshot); !ok) return within("snapshot", ok.error());
    return Compilation(snapshot, options).run();
}

} // namespace sweepgate::nftables
