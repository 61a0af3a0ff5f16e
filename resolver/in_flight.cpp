// SPDX-License-Identifier: Apache-2.0
#include "resolver/in_flight.hpp"

#include <algorithm>

#include "resolver/message.hpp"

namespace sweepgate::dns {

namespace {

constexpr std::size_t kFlagsAt = 2, kQuestionsAt = 4, kRecordsAt = 6;
constexpr unsigned kResponse = 0x80; // of the first octet of the flags
constexpr std::size_t kTypeAndClass = 4;

} // namespace

void InFlight::add(Carried& carried, std::span<const std::uint8_t> query) {
    carried.query = query;
    carried.met_nonsense = false;
    auto& first = bucket_of(id_of(query));
    carried.before = nullptr;
    carried.behind = first;
    if (first != nullptr) first->before = &carried;
    first = &carried;
    ++count_;
}

void InFlight::remove(Carried& carried) {
    if (carried.behind != nullptr) carried.behind->before = carried.before;
    (carried.before != nullptr ? carried.before->behind : bucket_of(id_of(carried.query))) =
        carried.behind;
    --count_;
}

Carried* InFlight::with_id(std::uint16_t id) const {
    auto* found = buckets_[id % buckets_.size()];
    while (found != nullptr && id_of(found->query) != id) found = found->behind;
    return found;
}

bool lacks_question(std::span<const std::uint8_t> message) {
    return message.size() >= kHeaderSize && (message[kFlagsAt] & kResponse) != 0 &&
           message[kQuestionsAt] == 0 && message[kQuestionsAt + 1] == 0;
}

std::size_t write_with_question(std::span<const std::uint8_t> reply,
                                std::span<const std::uint8_t> query, std::span<std::uint8_t> out) {
    std::size_t end = kHeaderSize;
    if (!Message(query).skip_name(end) || query.size() - end < kTypeAndClass) return 0;
    end += kTypeAndClass;
    if (out.size() < end || reply.size() < kHeaderSize) return 0;
    std::ranges::copy(query.first(end), out.begin());
    std::ranges::copy(reply.first(kQuestionsAt), out.begin());
    std::fill(out.begin() + kRecordsAt, out.begin() + kHeaderSize, std::uint8_t{0});
    return end;
}

} // namespace sweepgate::dns
