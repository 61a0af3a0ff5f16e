// SPDX-License-Identifier: Apache-2.0
// What a site decided: which systems are blocked, rejected, monitored, passed or sanctioned; for
// whom; and what must never be hit. One TOML file; example.toml beside this header documents it.
//
// The treatment of a system is the first of these that is written down:
//   for everyone   [systems], [categories], [defaults] action, the catalog's default_action
//   for a group    [group.systems], [group.categories], the group's action, as for everyone
// While a schedule is in force its own come before these, in the same order.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/catalog/catalog.hpp"
#include "controlplane/catalog/prefix_list.hpp"
#include "controlplane/model/snapshot.hpp"
#include "controlplane/policy/additions.hpp"

namespace sweepgate {

/// Decisions of one level, for everyone or for one group.
struct Treatments {
    std::map<std::string, Treatment, std::less<>> systems;    // by id
    std::map<std::string, Treatment, std::less<>> categories; // by name
    std::optional<Treatment> otherwise;                       // for systems in neither

    [[nodiscard]] std::optional<Treatment> of(const CatalogSystem& system) const;
};

struct PolicyGroup {
    std::string name;
    std::vector<Prefix> sources;
    Treatments treatments; // never `sanction`: allow holds for everyone
};

/// Other treatments at some hours. Where several name a system the first one listed decides.
struct PolicySchedule {
    std::string name;
    std::uint8_t days = kEveryDay; // as in Schedule
    std::uint16_t from = 0;
    std::uint16_t to = 0;
    Clock clock = Clock::local;
    std::vector<GroupIndex> groups; // as in Snapshot; empty: everyone and all groups
    Treatments treatments;          // never `sanction`: allow holds at all times
};

/// The site's own servers of an otherwise blocked kind. Judged first, in both gates.
struct Sanctioned {
    std::string name;
    std::vector<std::string> hostnames;
    std::vector<Prefix> prefixes;
};

struct NeverBlock {
    std::vector<std::string> hostnames;
    std::vector<Prefix> prefixes;
};

/// How much a system's address set may change in one sweep before it is held for approval, and a
/// person's push before it asks.
struct ChangeBounds {
    unsigned most_growth_percent = 50;
    unsigned most_shrink_percent = 30;
    std::size_t most_added = 256; // addresses
    std::size_t small_set = 16;   // sets up to this size are exempt from the percentages
    // A system first seen less than this ago may grow freely: its answers rotate, and the union
    // over them is still filling up.
    std::chrono::minutes learning{60};
    // Of a person's change: more newly stopped address space than one prefix of that length has
    // wants to be said twice (guard/reach.hpp).
    unsigned most_shut_ipv4 = 10; // 4,194,304 addresses
    unsigned most_shut_ipv6 = 28; // sixteen /32
};

/// What the guard believes of DNS before it enforces anything.
struct Belief {
    // Resolvers that must have said so before a new address is enforced; no more than there are.
    unsigned quorum = 2;
    // Or one alone, twice, at least a TTL apart. Off where a resolver cannot be trusted for long.
    bool repeats = true;
    std::size_t most_per_answer = 256; // addresses
    std::size_t most_per_name = 1024;  // of one family
    std::size_t most_per_system = 16'384;
    unsigned shared_from = 50; // score of sharing, see guard/sharing.hpp
};

/// Packets a second of systems whose treatment is limit: of all clients together, at each gate.
struct Limits {
    std::uint32_t packets_per_second = 100;
    std::map<std::string, std::uint32_t, std::less<>> systems; // by id
};

/// A prefix list that a policy names, as it was read.
struct UsedList {
    std::string name; // of the file in the folder of lists
    ListFormat format = ListFormat::plain;
    std::shared_ptr<const std::string> text;
};

struct Policy {
    bool historical_static = false; // enforce published prefixes of closed systems
    bool shared_web = false;        // enforce shared addresses on the web's ports (80, 443) as well
    bool inspect_tunnels = false;   // judge addresses inside tunnels too; the DPDK gate only
    Treatments everyone;
    std::vector<PolicyGroup> groups;
    std::vector<PolicySchedule> schedules;
    std::vector<Sanctioned> sanctioned;
    NeverBlock never_block;
    std::vector<Prefix> own;             // own networks: never enforced
    std::vector<Prefix> treat_as_public; // lab ranges that the bogon list would refuse
    std::vector<Prefix> nat64;           // the site's own translation prefixes (RFC 6052)
    // Zones outside the operator's own that a system's CNAME chains may lead to, by system id.
    std::map<std::string, std::vector<std::string>, std::less<>> approved_zones;
    Belief belief;
    ChangeBounds bounds;
    Limits limits;
    Additions additions;         // to the catalog's systems
    std::vector<UsedList> lists; // each once, sorted by name and format
    // What was left out or mended while its lists were read, a line each.
    std::vector<std::string> warnings;

    /// For clients that no group lists.
    [[nodiscard]] Treatment treatment(const CatalogSystem& system) const;
    /// `group` as in Snapshot: 0 is everyone, n is groups[n - 1]. What is sanctioned for everyone
    /// passes in every group.
    [[nodiscard]] Action action(GroupIndex group, const CatalogSystem& system) const;
    /// What a schedule in force makes of it; nothing where it leaves things as they are, and for
    /// what is sanctioned for everyone.
    [[nodiscard]] std::optional<Action> action(const PolicySchedule& schedule, GroupIndex group,
                                               const CatalogSystem& system) const;
    [[nodiscard]] std::uint32_t packets_per_second(const CatalogSystem& system) const;
    /// True when at least one group's action is not pass, at some time.
    [[nodiscard]] bool enforces(const CatalogSystem& system) const;
};

/// Errors: io; bad_input naming file and line: unknown key, unknown system or category (with the
/// nearest known one), a source in two groups, a group or schedule that would sanction, or that
/// would stop what is sanctioned for everyone, an unknown day, hour, clock or group.
/// Prefix lists are read from the folder `lists` while the policy is, and so each time anew.
inline constexpr const char* kListsFolder = "/etc/sweepgate/lists";
[[nodiscard]] Result<Policy> load_policy(const std::filesystem::path& path, const Catalog& catalog,
                                         const std::filesystem::path& lists = kListsFolder);
/// `name` stands for the file in errors.
[[nodiscard]] Result<Policy> parse_policy(std::string_view text, std::string_view name,
                                          const Catalog& catalog,
                                          const std::filesystem::path& lists = kListsFolder);

/// The text of a list of that name; whoever keeps lists has their texts from elsewhere.
using ListTexts = std::function<Result<std::string>(const std::string& name, ListFormat format)>;
[[nodiscard]] Result<Policy> parse_policy_with(std::string_view text, std::string_view name,
                                               const Catalog& catalog, const ListTexts& lists);
/// Those of a folder. Errors: io.
[[nodiscard]] ListTexts lists_in(std::filesystem::path folder);

} // namespace sweepgate
