// SPDX-License-Identifier: Apache-2.0
// What the kernel holds in our table, read back and judged: which generations are loaded, which
// one is in force, what was left behind.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "controlplane/nftables/socket.hpp"

namespace sweepgate::nftables {

struct BaseRule {
    std::uint64_t handle = 0;
    std::string target; // where its one jump goes; empty when it is any other rule
};

struct BaseChain {
    int priority = 0;
    bool hooked = false;  // to the hook its name says
    bool accepts = false; // what no rule decides
    std::vector<BaseRule> rules;
};

struct Loaded {                     // one generation
    std::optional<Receipt> receipt; // none: no root chain, or one that is not ours
    std::vector<std::string> chains;
    std::vector<std::string> sets;
};

struct TableState {
    std::uint32_t kernel_generation = 0; // read first: a batch with it fails if this state is old
    bool exists = false;
    bool dormant = false;
    std::map<Hook, BaseChain> bases;
    std::set<std::string> foreign;             // chains of somebody else's that hang on a hook
    std::map<std::string, Loaded> generations; // by tag
    std::set<std::string> counters;
    std::set<std::string> limits;

    [[nodiscard]] bool has_base(Hook hook) const { return bases.contains(hook); }
};

[[nodiscard]] Result<TableState> read_table(Socket& socket, const std::string& table);

/// Packets of each counter of the table by name.
[[nodiscard]] Result<std::map<std::string, std::uint64_t>> read_counters(Socket& socket,
                                                                         const std::string& table);

/// What a set or map has for one key.
struct Found {
    std::optional<ClassIndex> address_class; // from a map of addresses
    std::string chain;                       // from a map of verdicts
};

/// Nothing when there is no such element. GETSETELEM: costs one lookup, not a dump.
[[nodiscard]] Result<std::optional<Found>> look_up(Socket& socket, const std::string& table,
                                                   const std::string& set, const Address& address);
[[nodiscard]] Result<std::optional<Found>> look_up(Socket& socket, const std::string& table,
                                                   const std::string& map, ClassIndex index);

/// The tag that every wanted base chain jumps to, with nothing beside the jump, nothing in base
/// chains that are not wanted, and none of somebody else's beside them. `output` = input and output
/// are wanted too.
[[nodiscard]] std::optional<std::string> in_force(const TableState& state, bool output);

/// Tags that some base rule jumps to: they cannot be deleted.
[[nodiscard]] std::set<std::string> referenced(const TableState& state);

} // namespace sweepgate::nftables
