// SPDX-License-Identifier: Apache-2.0
// What is remembered of the part of a snapshot that DNS decides (guard/dns_part.hpp).
#include <algorithm>

#include "controlplane/book/columns.hpp"
#include "controlplane/controller/guard_memory.hpp"

namespace sweepgate::controller {

namespace {

/// Those of `mine` that `theirs` has not, or not like that; both sorted by key.
std::vector<const DnsListing*> other_than(const DnsPart& mine, const DnsPart& theirs) {
    std::vector<const DnsListing*> found;
    auto other = theirs.begin();
    for (const auto& each : mine) {
        while (other != theirs.end() && other->key() < each.key()) ++other;
        if (other == theirs.end() || *other != each) found.push_back(&each);
    }
    return found;
}

} // namespace

Status GuardMemory::load_dns() {
    bool known = false;
    if (auto ok =
            database_.each("SELECT only FROM dns_known", {}, [&](const auto&) { known = true; });
        !ok)
        return ok;
    dns_.reset();
    if (!known) return {};
    DnsPart part;
    auto ok = database_.each(
        "SELECT system, hostname, address, role, scope, good, seen FROM dns", {},
        [&](const auto& row) {
            if (const auto address = address_from_bytes(row.bytes(2)))
                part.push_back({{row.text(0), row.text(1), static_cast<Role>(row.integer(3))},
                                *address,
                                row.integer(4) == 2 ? Scope::shared : Scope::exclusive,
                                row.integer(5) != 0,
                                row.integer(6) != 0});
        });
    if (ok) dns_ = in_order(std::move(part));
    return ok;
}

Status GuardMemory::remember(const DnsPart& part) {
    static const DnsPart nothing;
    const auto& before = dns_ ? *dns_ : nothing;
    const auto gone = other_than(before, part);
    const auto come = other_than(part, before);
    if (dns_ && gone.empty() && come.empty()) return {};
    auto ok = sqlite::in_transaction(database_, [&]() -> Status {
        if (!dns_)
            if (auto written = database_.run("DELETE FROM dns"); !written) return written;
        for (const auto* each : gone)
            if (auto written = database_.run(
                    "DELETE FROM dns WHERE system = ? AND hostname = ? AND address = ?",
                    {each->name.system, each->name.hostname, to_column(each->address)});
                !written)
                return written;
        for (const auto* each : come)
            if (auto written =
                    database_.run("INSERT OR REPLACE INTO dns VALUES(?, ?, ?, ?, ?, ?, ?)",
                                  {each->name.system, each->name.hostname, to_column(each->address),
                                   static_cast<std::int64_t>(each->name.role),
                                   static_cast<std::int64_t>(each->scope), number(each->good),
                                   number(each->seen)});
                !written)
                return written;
        return database_.run("INSERT OR REPLACE INTO dns_known VALUES(1)");
    });
    if (ok) dns_ = part;
    return ok;
}

Status GuardMemory::load_asked() {
    asked_.clear();
    return database_.each(
        "SELECT system, hostname, role, since FROM asked", {}, [&](const auto& row) {
            asked_[{row.text(0), row.text(1), static_cast<Role>(row.integer(2))}] =
                instant(row.integer(3));
        });
}

Status GuardMemory::ask(const std::vector<BookName>& names, Instant now) {
    // Who remembers nothing was started or updated just now, and nobody has decided anything.
    const auto begin = asked_.empty() ? Instant{} : now;
    NamesAsked asked;
    for (const auto& name : names) {
        if (name.system.empty()) continue;
        const auto known = asked_.find(name);
        asked[name] = known != asked_.end() ? known->second : begin;
    }
    if (asked == asked_) return {};
    auto ok = sqlite::in_transaction(database_, [&]() -> Status {
        for (const auto& [name, since] : asked_)
            if (!asked.contains(name))
                if (auto written = database_.run(
                        "DELETE FROM asked WHERE system = ? AND hostname = ? AND role = ?",
                        {name.system, name.hostname, static_cast<std::int64_t>(name.role)});
                    !written)
                    return written;
        for (const auto& [name, since] : asked)
            if (!asked_.contains(name))
                if (auto written =
                        database_.run("INSERT OR REPLACE INTO asked VALUES(?, ?, ?, ?)",
                                      {name.system, name.hostname,
                                       static_cast<std::int64_t>(name.role), to_column(since)});
                    !written)
                    return written;
        return {};
    });
    if (ok) asked_ = std::move(asked);
    return ok;
}

} // namespace sweepgate::controller
