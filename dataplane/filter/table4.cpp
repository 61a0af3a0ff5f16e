// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/table4.hpp"

#include <algorithm>

namespace sweepgate::filter {

namespace {

constexpr std::uint32_t bucket_of(std::uint32_t form, std::uint32_t offset, ClassId id) {
    return form << 30U | offset << 16U | id;
}

unsigned bits_of_map(std::size_t ranges) {
    return static_cast<unsigned>(std::clamp<std::size_t>(std::bit_width(32 * ranges), 18, 24));
}

} // namespace

Table4::Table4(const std::vector<Stretch>& stretches) {
    const auto bits = bits_of_map(stretches.size());
    shift_ = 32 - bits;
    bits_.assign((std::size_t{1} << bits) / 64, 0);
    ranks_.assign(bits_.size(), 0);

    std::vector<Part> parts; // of the bucket being filled
    std::uint64_t slot = 0;
    const auto mask = (std::uint32_t{1} << shift_) - 1;
    for (const auto& stretch : stretches) {
        const auto first = static_cast<std::uint32_t>(stretch.first);
        const auto last = static_cast<std::uint32_t>(stretch.last);
        for (std::uint64_t at = first >> shift_; at <= last >> shift_; ++at) {
            if (at != slot && !parts.empty()) {
                close_bucket(static_cast<std::uint32_t>(slot), parts);
                parts.clear();
            }
            slot = at;
            const auto from = at == first >> shift_ ? first & mask : 0;
            const auto to = at == last >> shift_ ? last & mask : mask;
            parts.push_back(
                {static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(to), stretch.id});
        }
    }
    if (!parts.empty()) close_bucket(static_cast<std::uint32_t>(slot), parts);

    std::uint32_t rank = 0;
    for (std::size_t word = 0; word < bits_.size(); ++word) {
        ranks_[word] = rank;
        rank += static_cast<std::uint32_t>(std::popcount(bits_[word]));
    }
}

void Table4::close_bucket(std::uint32_t slot, const std::vector<Part>& parts) {
    bits_[slot / 64] |= std::uint64_t{1} << (slot % 64);
    const auto& part = parts.front();
    const auto mask = (std::uint32_t{1} << shift_) - 1;
    if (parts.size() == 1 && part.first == 0 && part.last == mask) {
        buckets_.push_back(bucket_of(kWhole, 0, part.id));
    } else if (parts.size() == 1 && part.first == part.last) {
        buckets_.push_back(bucket_of(kHost, part.first, part.id));
    } else {
        buckets_.push_back(kList << 30U | static_cast<std::uint32_t>(lists_.size()));
        lists_.push_back(
            {static_cast<std::uint32_t>(parts_.size()), static_cast<std::uint32_t>(parts.size())});
        parts_.insert(parts_.end(), parts.begin(), parts.end());
    }
}

ClassId Table4::look_into(std::uint32_t content, std::uint32_t address) const noexcept {
    const auto offset = address & ((std::uint32_t{1} << shift_) - 1);
    const auto id = static_cast<ClassId>(content);
    switch (content >> 30U) {
    case kHost: return (content >> 16U) == offset ? id : kUnlisted;
    case kWhole: return id;
    default: break;
    }
    const auto& list = lists_[content & 0x3FFFFFFFU];
    const auto* begin = parts_.data() + list.begin;
    const auto* behind =
        std::upper_bound(begin, begin + list.count, offset,
                         [](std::uint32_t at, const Part& part) { return at < part.first; });
    if (behind == begin) return kUnlisted;
    --behind;
    return offset <= behind->last ? behind->id : kUnlisted;
}

void Table4::lookup(const std::uint32_t* addresses, std::size_t count,
                    ClassId* ids) const noexcept {
    for (std::size_t i = 0; i < count; ++i) ids[i] = lookup(addresses[i]);
}

std::size_t Table4::memory_bytes() const {
    return bits_.size() * sizeof(bits_[0]) + ranks_.size() * sizeof(ranks_[0]) +
           buckets_.size() * sizeof(std::uint32_t) + lists_.size() * sizeof(List) +
           parts_.size() * sizeof(Part);
}

} // namespace sweepgate::filter
