// SPDX-License-Identifier: Apache-2.0
// The unit of everything: one immutable value that holds all a gate needs.
//
//   address --entries--> class --(group, port)--> action, system
//
// Entries are disjoint, so one lookup answers and order cannot matter. A class is a *set* of
// systems: an address that two systems share still costs one lookup. Allow is judged first.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "controlplane/model/prefix.hpp"
#include "controlplane/model/schedule.hpp"
#include "controlplane/model/system.hpp"

namespace sweepgate {

/// Strictly rising number of a published snapshot. 0 = none yet.
using Generation = std::uint64_t;
using Instant = std::chrono::sys_seconds;
/// BLAKE2b-256.
using Digest = std::array<std::uint8_t, 32>;

enum class Scope : std::uint8_t {
    exclusive = 1, // the address serves these systems only: enforced on every port
    shared = 2,    // the address serves others too: enforced on the systems' own ports only
};

using ClassIndex = std::uint16_t;

struct AddressClass {
    std::vector<SystemIndex> systems; // sorted, unique, not empty
    Scope scope = Scope::exclusive;

    friend auto operator<=>(const AddressClass&, const AddressClass&) = default;
};

using GroupIndex = std::uint16_t;
/// Sources that no group lists.
inline constexpr GroupIndex kEveryone = 0;

struct Group {
    std::string name;
    std::vector<Prefix> sources; // the longest matching prefix over all groups decides

    friend bool operator==(const Group&, const Group&) = default;
};

using ActionMatrix = std::vector<std::vector<Action>>; // [group][system]

/// Everything but the addresses: small, and it changes rarely.
struct Ruleset {
    std::vector<System> systems;       // sorted by id
    std::vector<AddressClass> classes; // sorted
    std::vector<Group> groups;         // [0] is "everyone", without sources
    ActionMatrix actions;              // while no schedule says otherwise
    std::vector<Prefix> allow;         // sorted, disjoint; judged before everything else
    bool inspect_tunnels = false;      // inner addresses are judged too; see judge.hpp
    std::vector<Schedule> schedules;   // the first one listed wins; see timetable.hpp

    friend bool operator==(const Ruleset&, const Ruleset&) = default;
};

struct Entry {
    Prefix prefix;
    ClassIndex address_class = 0;

    friend constexpr auto operator<=>(const Entry&, const Entry&) = default;
};

struct Snapshot {
    Generation generation = 0;
    Instant issued_at{};
    Instant expires_at{}; // behind it a gate keeps enforcing and raises an alarm
    Ruleset rules;
    std::vector<Entry> entries; // sorted by prefix, disjoint

    friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

/// Bounds of a snapshot that any of our programs accepts (facts: 2M prefixes is 32 MiB of wire).
inline constexpr std::size_t kMaxEntries = 2'000'000;
inline constexpr std::size_t kMaxAllow = 100'000;
inline constexpr std::size_t kMaxSystems = 1024;
inline constexpr std::size_t kMaxClasses = 16'383;
inline constexpr std::size_t kMaxGroups = 256;
inline constexpr std::size_t kMaxSources = 65'536;
inline constexpr std::size_t kMaxSchedules = 64;
inline constexpr std::size_t kMaxPortsPerSystem = 256;
inline constexpr std::size_t kMaxSuffixesPerSystem = 1024;
inline constexpr std::size_t kMaxText = 256;

/// Checks every invariant stated above and every bound, also for values that came off the wire.
/// Errors: bad_input naming the element.
[[nodiscard]] Status validate(const Snapshot& snapshot);
/// The same of the rules alone.
[[nodiscard]] Status validate(const Ruleset& rules);

/// Whether some group's packets of this system may come under Action::limit, at whatever hour.
[[nodiscard]] bool is_limited(const Ruleset& rules, SystemIndex system);
[[nodiscard]] bool limits_anything(const Ruleset& rules);

/// Addresses as policy knows them, before classes exist.
struct Listing {
    Prefix prefix;
    SystemIndex system = kNoSystem; // index into SnapshotParts::systems
    Scope scope = Scope::exclusive;
};

struct SnapshotParts {
    std::vector<System> systems;
    std::vector<Group> groups;      // [0] is "everyone"
    ActionMatrix actions;           // in the order given here
    std::vector<Listing> listings;  // may overlap, in any order
    std::vector<Prefix> allow;      // may overlap, in any order
    std::vector<Prefix> sanctioned; // each must be covered by `allow` where it is listed
    bool inspect_tunnels = false;
    std::vector<Schedule> schedules; // names unique, columns in the order given here
};

/// Flattens overlapping listings into disjoint entries. Where listings overlap the class is the
/// union of their systems, and `shared` wins: an address that serves others is never dropped
/// whole. Errors: refused when a listing covers a sanctioned address that `allow` does not;
/// bad_input for a bound or an index out of range.
[[nodiscard]] Result<Snapshot> build_snapshot(SnapshotParts parts, Generation generation,
                                              Instant issued_at, Instant expires_at);

/// BLAKE2b-256 over the canonical bytes of rules and entries. Generation and times stay out, so
/// equal content has equal digests and nothing new needs to be published for it.
[[nodiscard]] Digest digest_of(const Snapshot& snapshot);
[[nodiscard]] std::string to_hex(const Digest& digest);

/// The class of an address, or nullptr.
[[nodiscard]] const Entry* find_entry(const Snapshot& snapshot, const Address& address);
[[nodiscard]] bool is_allowed(const Snapshot& snapshot, const Address& address);
[[nodiscard]] GroupIndex group_of(const Ruleset& rules, const Address& client);

} // namespace sweepgate
