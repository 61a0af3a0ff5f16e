// SPDX-License-Identifier: Apache-2.0
// What a site adds to the catalog's systems: names, prefixes, and files with prefixes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controlplane/catalog/catalog.hpp"
#include "controlplane/model/source.hpp"

namespace sweepgate {

/// Where a prefix that is not from DNS stands.
struct Origin {
    Source source = Source::published;
    std::string place; // "policy.toml: line 4", "as62041.txt: line 7", "telegram.toml"
};

struct Additions {
    std::map<std::string, std::vector<std::string>, std::less<>> hostnames; // by system id
    std::map<std::string, std::map<Prefix, Origin>, std::less<>> prefixes;  // by system id

    [[nodiscard]] bool empty() const { return hostnames.empty() && prefixes.empty(); }
    /// Where a prefix of the site's own stands, or nullptr.
    [[nodiscard]] const Origin* find(const std::string& system, const Prefix& prefix) const;
};

/// The catalog with the additions among each system's hostnames and static prefixes.
[[nodiscard]] Catalog extend(const Catalog& catalog, const Additions& additions);

} // namespace sweepgate
