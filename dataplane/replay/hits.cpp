// SPDX-License-Identifier: Apache-2.0
#include "dataplane/replay/hits.hpp"

#include <algorithm>

namespace sweepgate::replay {

void Tally::add(const Record& record) {
    // A capture of several interfaces need not be in order.
    first = packets == 0 ? record.at : std::min(first, record.at);
    last = packets == 0 ? record.at : std::max(last, record.at);
    ++packets;
    bytes += record.wire_length;
}

void Kinds::add(const std::string& kind, const Record& record) {
    constexpr std::size_t kMostKinds = 256;
    const bool is_held = kinds_.size() < kMostKinds || kinds_.contains(kind);
    kinds_[is_held ? kind : "others"].add(record);
}

void Hits::add(const HitKey& key, const Record& record) {
    auto row = rows_.find(key);
    if (row == rows_.end() && rows_.size() >= limit_) {
        left_out_.add(record);
        return;
    }
    if (row == rows_.end()) row = rows_.emplace(key, Tally{}).first;
    row->second.add(record);
}

std::vector<Hit> Hits::top(std::size_t most) const {
    std::vector<Hit> found;
    found.reserve(rows_.size());
    for (const auto& [key, tally] : rows_) found.push_back({key, tally});
    std::stable_sort(found.begin(), found.end(),
                     [](const Hit& a, const Hit& b) { return a.tally.packets > b.tally.packets; });
    found.resize(std::min(found.size(), most));
    return found;
}

std::size_t Hits::clients() const {
    std::size_t count = 0;
    const Address* last = nullptr; // rows are sorted by client first
    for (const auto& [key, tally] : rows_) {
        if (last == nullptr || !(*last == key.client)) ++count;
        last = &key.client;
    }
    return count;
}

} // namespace sweepgate::replay
