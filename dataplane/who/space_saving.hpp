// SPDX-License-Identifier: Apache-2.0
// The heaviest keys of a stream in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi,
// "Efficient computation of frequent and top-k elements in data streams", ICDT 2005), with weights,
// and mergeable (Agarwal et al., "Mergeable summaries", PODS 2012).
//
// With c counters and a stream of total weight N:
//   true weight <= count, and count - error <= true weight, for every key that is held;
//   a key that is not held weighs at most floor();
//   error <= N / c and floor() <= N / c, so that every key heavier than N / c is held;
//   all of it is exact as long as there were never more than c keys.
// Summaries merged keep all of this, N being the sum of their totals.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sweepgate::who {

template <typename Key>
class SpaceSaving {
public:
    struct Counter {
        Key key;
        std::uint64_t count = 0;
        std::uint64_t error = 0;
        double spread = 0; // of what was added while the key was held: sampling.hpp
    };

    explicit SpaceSaving(std::size_t capacity) : capacity_(std::max<std::size_t>(capacity, 1)) {
        heap_.reserve(capacity_);
        places_.reserve(capacity_);
    }

    void add(const Key& key, std::uint64_t weight, double spread = 0) {
        total_ += weight;
        if (const auto held = places_.find(key); held != places_.end()) {
            heap_[held->second].count += weight;
            heap_[held->second].spread += spread;
            sink(held->second);
            return;
        }
        if (heap_.size() < capacity_) return insert({key, floor_ + weight, floor_, spread});
        // The lightest gives way; its name is reused, so that nothing is allocated.
        auto& lightest = heap_.front();
        floor_ = std::max(floor_, lightest.count);
        auto node = places_.extract(lightest.key);
        node.key() = key;
        places_.insert(std::move(node));
        lightest = {key, floor_ + weight, floor_, spread};
        sink(0);
    }

    void merge(const SpaceSaving& other) {
        auto all = heap_;
        for (auto& counter : all) {
            const auto theirs = other.places_.find(counter.key);
            const auto* more =
                theirs == other.places_.end() ? nullptr : &other.heap_[theirs->second];
            counter.count += more != nullptr ? more->count : other.floor_;
            counter.error += more != nullptr ? more->error : other.floor_;
            counter.spread += more != nullptr ? more->spread : 0;
        }
        for (const auto& counter : other.heap_)
            if (!places_.contains(counter.key))
                all.push_back(
                    {counter.key, counter.count + floor_, counter.error + floor_, counter.spread});
        total_ += other.total_;
        floor_ += other.floor_;
        keep_heaviest(std::move(all));
    }

    /// The `most` heaviest by count, falling.
    [[nodiscard]] std::vector<Counter> top(std::size_t most) const {
        auto all = heap_;
        most = std::min(most, all.size());
        std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(most), all.end(),
                          heavier);
        all.resize(most);
        return all;
    }

    /// Weight of everything that was added.
    [[nodiscard]] std::uint64_t total() const { return total_; }
    /// Most that a key which is not held can weigh.
    [[nodiscard]] std::uint64_t floor() const { return floor_; }
    [[nodiscard]] std::size_t size() const { return heap_.size(); }

private:
    static bool heavier(const Counter& a, const Counter& b) { return a.count > b.count; }

    void insert(Counter counter) {
        places_.emplace(counter.key, heap_.size());
        heap_.push_back(std::move(counter));
        rise(heap_.size() - 1);
    }

    void keep_heaviest(std::vector<Counter> all) {
        if (all.size() > capacity_) {
            const auto behind = all.begin() + static_cast<std::ptrdiff_t>(capacity_);
            std::nth_element(all.begin(), behind, all.end(), heavier);
            floor_ = std::max(floor_, behind->count); // the heaviest of those that go
            all.erase(behind, all.end());
        }
        heap_.clear();
        places_.clear();
        for (auto& counter : all) insert(std::move(counter));
    }

    void swap_places(std::size_t a, std::size_t b) {
        std::swap(heap_[a], heap_[b]);
        places_[heap_[a].key] = a;
        places_[heap_[b].key] = b;
    }
    void rise(std::size_t at) {
        for (; at > 0 && heap_[at].count < heap_[(at - 1) / 2].count; at = (at - 1) / 2)
            swap_places(at, (at - 1) / 2);
    }
    /// Until no child is lighter.
    void sink(std::size_t at) {
        for (;;) {
            auto lightest = at;
            for (const auto child : {2 * at + 1, 2 * at + 2})
                if (child < heap_.size() && heap_[child].count < heap_[lightest].count)
                    lightest = child;
            if (lightest == at) return;
            swap_places(at, lightest);
            at = lightest;
        }
    }

    std::size_t capacity_;
    std::vector<Counter> heap_; // the lightest first
    std::unordered_map<Key, std::size_t> places_;
    std::uint64_t total_ = 0;
    std::uint64_t floor_ = 0;
};

} // namespace sweepgate::who
