// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/crowd.hpp"

#include <algorithm>

namespace sweepgate::wire {

bool Crowd::is_young(const Young& young) const {
    const auto held = held_.find(young.fd);
    return held != held_.end() && held->second.serial == young.serial && held->second.young;
}

void Crowd::count_young(const std::string& name, Address& address, int change) {
    if (address.young_held > 0) by_young_.erase({address.young_held, name});
    address.young_held += static_cast<std::size_t>(change);
    if (address.young_held > 0) by_young_.insert({address.young_held, name});
}

void Crowd::grow(Clock::time_point now) {
    while (!young_.empty() && now - young_.front().since >= limits_.grown) {
        if (is_young(young_.front())) {
            auto& held = held_.at(young_.front().fd);
            held.young = false;
            count_young(held.address, addresses_.at(held.address), -1);
            if (held.key.empty()) listening_.push_back(young_.front());
        }
        young_.pop_front();
    }
}

void Crowd::leave(std::map<int, Held>::iterator held) {
    const auto address = addresses_.find(held->second.address);
    if (held->second.young) count_young(address->first, address->second, -1);
    if (--address->second.held == 0) addresses_.erase(address);
    if (const auto key = keys_.find(held->second.key); key != keys_.end() && --key->second == 0)
        keys_.erase(key);
    held_.erase(held);
}

bool Crowd::spoke(int fd, const std::string& key) {
    const auto held = held_.find(fd);
    if (held == held_.end() || !held->second.key.empty()) return true;
    auto& count = keys_[key];
    if (count >= limits_.per_key) return false;
    ++count;
    held->second.key = key;
    return true;
}

std::vector<int> Crowd::silent(Clock::time_point now) {
    grow(now);
    std::vector<int> found;
    for (; !listening_.empty() && now - listening_.front().since >= limits_.silent;
         listening_.pop_front()) {
        const auto held = held_.find(listening_.front().fd);
        if (held == held_.end() || held->second.serial != listening_.front().serial) continue;
        if (held->second.key.empty()) found.push_back(held->first);
    }
    for (const int fd : found) closed(fd);
    return found;
}

void Crowd::closed(int fd) {
    if (const auto held = held_.find(fd); held != held_.end()) leave(held);
}

std::optional<int> Crowd::oldest_young(std::deque<Young>& of) {
    while (!of.empty()) {
        const auto oldest = of.front();
        of.pop_front();
        if (is_young(oldest)) return oldest.fd;
    }
    return std::nullopt;
}

std::optional<int> Crowd::from_the_largest() {
    if (by_young_.empty()) return std::nullopt;
    const auto& [count, name] = *by_young_.rbegin();
    return oldest_young(count > 1 ? addresses_.at(name).young : young_);
}

std::optional<int> Crowd::accepted(int fd, const std::string& from, Clock::time_point now) {
    closed(fd); // its end was not told
    grow(now);
    held_[fd] = {from, ++serial_, true, {}};
    auto& address = addresses_[from];
    ++address.held;
    count_young(from, address, 1);
    while (!address.young.empty() && !is_young(address.young.front())) address.young.pop_front();
    address.young.push_back({fd, serial_, now});
    young_.push_back({fd, serial_, now});
    std::optional<int> shut;
    if (address.held > limits_.per_address)
        shut = address.young_held > 1 ? oldest_young(address.young) : std::optional(fd);
    else if (address.young_held > limits_.young_per_address)
        shut = oldest_young(address.young);
    else if (held_.size() > limits_.total)
        shut = from_the_largest();
    // Counted as gone from here on: ZeroMQ tells of its end in its own time.
    if (shut) closed(*shut);
    return shut;
}

} // namespace sweepgate::wire
