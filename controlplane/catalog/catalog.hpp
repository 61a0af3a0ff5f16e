// SPDX-License-Identifier: Apache-2.0
// Facts about IM systems: hostnames, ports, published prefixes. One TOML file a system,
// protected.toml with hosts that must never be hit, and networks.toml with networks whose addresses
// serve many. Read once, into a value.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/catalog/networks.hpp"
#include "controlplane/catalog/treatment.hpp"
#include "controlplane/model/prefix.hpp"
#include "controlplane/model/system.hpp"

namespace sweepgate {

using DefaultAction = Treatment;

struct CatalogSystem {
    System system;
    std::string operator_name;
    bool historical = false; // closed; its published prefixes have new owners by now
    DefaultAction default_action = DefaultAction::block;
    std::vector<std::string> hostnames;        // sorted, unique; patterns expanded
    std::vector<std::string> srv;              // SRV owner names, sorted
    std::vector<std::string> shared_hostnames; // sorted; their addresses serve others too
    std::vector<Prefix> shared_prefixes;       // never listed; what DNS finds inside is shared
    std::string shared_reason;
    std::vector<Prefix> static_prefixes; // sorted; of a historical system only on opt-in
    std::vector<std::uint32_t> asns;
    std::filesystem::path file; // where it was read

    [[nodiscard]] bool shares(std::string_view hostname) const;
};

struct ProtectedHost {
    std::string hostname;
    std::string kind;              // "bank", "payment", "office", "neighbour", ...
    std::vector<std::string> near; // ids of systems whose operator or front end is close by
};

struct Catalog {
    std::vector<CatalogSystem> systems;         // sorted by id
    std::vector<ProtectedHost> protected_hosts; // sorted by hostname
    Networks networks;                          // in the order of the files
    std::vector<std::string> warnings;          // what its lists lost, a line each

    /// The system of that id, or nullptr.
    [[nodiscard]] const CatalogSystem* find(std::string_view id) const;
    [[nodiscard]] std::vector<std::string> ids() const;
    [[nodiscard]] std::vector<std::string> categories() const; // sorted, unique
};

/// Reads every *.toml of the folders, each folder in name order. A later folder replaces a system
/// (or a protected host, or a network of that provider and kind) of the same id and adds new ones;
/// a folder that does not exist is skipped unless it is the first. Errors: io; bad_input naming
/// file and line for an unknown key, a bad prefix (host bits), port or hostname, and an id that
/// stands twice in one folder.
[[nodiscard]] Result<Catalog> load_catalog(std::span<const std::filesystem::path> folders);

/// Texts of the catalog's files by path, as they were when they were last read without a fault.
using CatalogTexts = std::map<std::string, std::string>;

/// The same for a daemon, which goes on with what was last good of each part: a file that is wrong
/// or cannot be read is taken from `last_good`, or left out where that has none; so is a folder
/// that cannot be read. Errors: as above, when the first folder has no file at all.
struct LenientCatalog {
    Catalog catalog;
    std::vector<std::string> faults; // what was told of each file that is not read as it lies there
    CatalogTexts texts;              // of all files that make up the catalog
};
[[nodiscard]] Result<LenientCatalog>
load_catalog_leniently(std::span<const std::filesystem::path> folders,
                       const CatalogTexts& last_good);

/// One system file's text; `name` stands for the file in errors.
[[nodiscard]] Result<CatalogSystem> parse_system(std::string_view text, std::string_view name);
/// The text of protected.toml.
[[nodiscard]] Result<std::vector<ProtectedHost>> parse_protected(std::string_view text,
                                                                 std::string_view name);

/// The text of networks.toml; `folder` holds the prefix files that it names.
[[nodiscard]] Result<std::vector<Network>>
parse_networks(std::string_view text, std::string_view name, const std::filesystem::path& folder);

} // namespace sweepgate
