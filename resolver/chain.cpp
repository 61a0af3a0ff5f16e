// SPDX-License-Identifier: Apache-2.0
#include "resolver/chain.hpp"

#include <algorithm>

namespace sweepgate::dns {

namespace {

constexpr std::size_t kUsualCnames = 8; // room made at once

} // namespace

bool Chain::add(const Record& cname) {
    if (cnames_.size() == kMostCnames) return false;
    if (cnames_.empty()) cnames_.reserve(kUsualCnames);
    cnames_.push_back({cname, {}});
    return true;
}

bool Chain::follow(std::size_t question, std::size_t most, std::vector<std::string>& targets) {
    end_ = message_.first_label(question);
    if (cnames_.empty()) return true;
    WireName end;
    if (!message_.read_name(question, end)) return false;
    for (auto& cname : cnames_)
        if (auto at = cname.record.owner; !message_.read_name(at, cname.owner)) return false;
    for (std::size_t hops = 0; hops < most; ++hops) {
        bool moved = false;
        if (!step(end, moved)) return false;
        if (!moved) break;
        targets.push_back(end.text());
    }
    return true;
}

bool Chain::step(WireName& end, bool& moved) {
    WireName next;
    for (const auto& [record, owner] : cnames_) {
        if (!(owner == end)) continue;
        WireName target;
        std::size_t at = record.rdata;
        if (!message_.read_name(at, target) || at != record.rdata_end()) return false;
        if (moved && !(target == next)) return false;
        lowest_ttl_ = std::min(lowest_ttl_, effective_ttl(record.ttl));
        next = target;
        end_ = message_.first_label(record.rdata);
        moved = true;
    }
    if (moved) end = next;
    return true;
}

} // namespace sweepgate::dns
