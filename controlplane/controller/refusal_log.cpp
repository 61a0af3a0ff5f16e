// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/refusal_log.hpp"

#include "controlplane/controller/audit_origin.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace sweepgate::controller {

namespace {

std::string who(const wire::Refusal& refusal) {
    if (!refusal.key.empty()) return "key " + refusal.key;
    return refusal.peer.name;
}

} // namespace

void RefusalLog::add(const wire::Refusal& refusal, Steady now) {
    const auto name = who(refusal);
    // One that is permitted now and refused then is of two kinds.
    const auto place = name + " at " + refusal.peer.address + (refusal.reason.empty() ? "" : "!");
    const std::lock_guard lock(mutex_);
    auto found = kinds_.find({place, refusal.verb});
    if (found == kinds_.end()) {
        std::erase_if(kinds_, [&](const auto& each) {
            return each.second.unwritten == 0 && now - each.second.last >= kKnocks;
        });
        if (kinds_.size() >= kMostKinds) {
            ++untold_;
            return;
        }
        found = kinds_.try_emplace({place, refusal.verb}).first;
        found->second.entry = {name,         origin_of(refusal.peer), refusal.peer.address,
                               refusal.verb, refusal.reason,          0};
        found->second.knock = !refusal.key.empty();
    }
    auto& kind = found->second;
    kind.entry.result = refusal.reason;
    kind.last = now;
    ++kind.unwritten;
}

std::vector<RefusalLog::Entry> RefusalLog::take(Steady now) {
    const std::lock_guard lock(mutex_);
    std::vector<Entry> due;
    for (auto& [key, kind] : kinds_) {
        if (due.size() >= kMostAtOnce) break;
        const auto every =
            kind.entry.result.empty() ? std::chrono::seconds(kReadEvery) : kRepeatEvery;
        const bool rests = kind.written != Steady{} && now - kind.written < every;
        if (kind.unwritten == 0 || rests) continue;
        due.push_back(kind.entry);
        due.back().times = std::exchange(kind.unwritten, 0);
        kind.written = now;
    }
    if (untold_ > 0 && due.size() < kMostAtOnce)
        due.push_back({"others", "", "", "requests", "refused; too many kinds to tell apart",
                       std::exchange(untold_, 0)});
    return due;
}

std::string RefusalLog::knocking(Steady now) const {
    const std::lock_guard lock(mutex_);
    const Kind* newest = nullptr;
    std::size_t keys = 0;
    for (const auto& [key, kind] : kinds_) {
        if (!kind.knock || now - kind.last >= kKnocks) continue;
        ++keys;
        if (newest == nullptr || kind.last > newest->last) newest = &kind;
    }
    if (newest == nullptr) return {};
    auto text = fmt::format("{} refused from {}: {}", newest->entry.who, newest->entry.address,
                            newest->entry.result);
    if (keys > 1) text += fmt::format("; and {} more", keys - 1);
    return text;
}

} // namespace sweepgate::controller
