// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/prefix_codec.hpp"

#include <map>
#include <optional>

namespace sweepgate::wire {

namespace {

struct GroupKey {
    Family family = Family::ipv4;
    std::uint8_t length = 0;
    ClassIndex address_class = 0;

    friend constexpr auto operator<=>(const GroupKey&, const GroupKey&) = default;
    /// Numbers up to 64 bits take one varint, wider ones two.
    [[nodiscard]] bool is_wide() const { return length > 64; }
    [[nodiscard]] unsigned host_bits() const { return width(family) - length; }
};

// Only a length of 0 has 128 host bits, and a shift by the whole width is undefined.
Uint128 number_of(const Prefix& prefix, const GroupKey& key) {
    return key.length == 0 ? 0 : prefix.address.value >> key.host_bits();
}

Address address_of(Uint128 number, const GroupKey& key) {
    return {key.family, key.length == 0 ? 0 : number << key.host_bits()};
}

void put_varint(std::string& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) out += static_cast<char>((value & 0x7FU) | 0x80U);
    out += static_cast<char>(value);
}

/// LEB128 as protobuf defines it, but the one shortest form only.
std::optional<std::uint64_t> take_varint(std::string_view& in) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
        const auto byte = static_cast<std::uint8_t>(in.front());
        in.remove_prefix(1);
        const std::uint64_t bits = byte & 0x7FU;
        if (shift == 63 && bits > 1) return std::nullopt;
        value |= bits << shift;
        if (byte < 0x80) return byte == 0 && shift > 0 ? std::nullopt : std::optional(value);
    }
    return std::nullopt;
}

/// A number wider than 64 bits is split where the prefix's 64th bit is, so that hosts of one /64
/// cost one small step each.
struct Split {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
};

unsigned low_bits(const GroupKey& key) { return key.is_wide() ? key.length - 64U : 0U; }

Split split(Uint128 number, const GroupKey& key) {
    if (!key.is_wide()) return {static_cast<std::uint64_t>(number), 0};
    const auto mask = (Uint128{1} << low_bits(key)) - 1;
    return {static_cast<std::uint64_t>(number >> low_bits(key)),
            static_cast<std::uint64_t>(number & mask)};
}

class StepWriter {
public:
    void put(Uint128 number, const GroupKey& key) {
        const auto now = split(number, key);
        put_varint(steps, now.high - last_.high);
        if (key.is_wide())
            put_varint(steps, now.high == last_.high ? now.low - last_.low : now.low);
        last_ = now;
    }
    std::string steps;

private:
    Split last_;
};

/// Ascending numbers out of `steps`, each checked against the family's end.
class StepReader {
public:
    StepReader(std::string_view steps, const GroupKey& key) : rest_(steps), key_(key) {}
    [[nodiscard]] bool done() const { return rest_.empty(); }

    /// Nothing: torn, not ascending or out of range.
    std::optional<Uint128> next() {
        const auto step = take_varint(rest_);
        if (!step || *step > ~std::uint64_t{0} - last_.high) return std::nullopt;
        Split now{last_.high + *step, 0};
        if (key_.is_wide()) {
            const auto low = take_varint(rest_);
            if (!low) return std::nullopt;
            const auto from = now.high == last_.high ? last_.low : 0;
            if (*low > ~std::uint64_t{0} - from) return std::nullopt;
            now.low = from + *low;
            if (low_bits(key_) < 64 && (now.low >> low_bits(key_)) != 0) return std::nullopt;
        }
        const bool ascends =
            first_ || now.high > last_.high || (now.high == last_.high && now.low > last_.low);
        if (!ascends || (!key_.is_wide() && !fits(now.high))) return std::nullopt;
        first_ = false;
        last_ = now;
        return (static_cast<Uint128>(now.high) << low_bits(key_)) | now.low;
    }

private:
    [[nodiscard]] bool fits(std::uint64_t number) const {
        return key_.length >= 64 || (number >> key_.length) == 0;
    }
    std::string_view rest_;
    GroupKey key_;
    Split last_;
    bool first_ = true;
};

Result<GroupKey> key_of(const proto::PrefixGroup& group) {
    if (group.family() != 4 && group.family() != 6)
        return fail(Errc::bad_input,
                    "prefix group of unknown family " + std::to_string(group.family()));
    const auto family = static_cast<Family>(group.family());
    if (group.length() > width(family))
        return fail(Errc::bad_input, "prefix length " + std::to_string(group.length()) +
                                         " in family " + std::to_string(group.family()));
    if (group.address_class() >= kMaxClasses)
        return fail(Errc::bad_input, "class " + std::to_string(group.address_class()) +
                                         " of a prefix group is out of range");
    return GroupKey{family, static_cast<std::uint8_t>(group.length()),
                    static_cast<ClassIndex>(group.address_class())};
}

Status decode_group(const proto::PrefixGroup& group, const GroupKey& key, std::size_t limit,
                    std::vector<Entry>& entries) {
    StepReader steps(group.steps(), key);
    if (steps.done()) return fail(Errc::bad_input, "empty prefix group");
    while (!steps.done()) {
        const auto number = steps.next();
        if (!number)
            return fail(Errc::bad_input, "prefix group " + std::to_string(group.family()) + "/" +
                                             std::to_string(key.length) +
                                             ": torn, not ascending or out of range");
        if (entries.size() == limit)
            return fail(Errc::bad_input, "more than " + std::to_string(limit) + " prefixes");
        entries.push_back({{address_of(*number, key), key.length}, key.address_class});
    }
    return {};
}

} // namespace

void encode(const std::vector<Entry>& entries, proto::PrefixSet& set) {
    std::map<GroupKey, StepWriter> groups;
    for (const auto& [prefix, address_class] : entries) {
        const GroupKey key{prefix.address.family, prefix.length, address_class};
        groups[key].put(number_of(prefix, key), key);
    }
    for (auto& [key, writer] : groups) {
        auto* group = set.add_groups();
        group->set_family(static_cast<std::uint32_t>(key.family));
        group->set_length(key.length);
        group->set_address_class(key.address_class);
        group->set_steps(std::move(writer.steps));
    }
}

void encode(const std::vector<Prefix>& prefixes, proto::PrefixSet& set) {
    std::vector<Entry> entries;
    entries.reserve(prefixes.size());
    for (const auto& prefix : prefixes) entries.push_back({prefix, 0});
    encode(entries, set);
}

Result<std::vector<Entry>> decode_entries(const proto::PrefixSet& set, std::size_t limit) {
    std::vector<Entry> entries;
    std::optional<GroupKey> before;
    for (const auto& group : set.groups()) {
        const auto key = key_of(group);
        if (!key) return tl::unexpected(key.error());
        if (before && !(*before < *key))
            return fail(Errc::bad_input, "prefix groups are out of order");
        before = *key;
        const auto middle = static_cast<std::ptrdiff_t>(entries.size());
        if (auto ok = decode_group(group, *key, limit, entries); !ok)
            return tl::unexpected(ok.error());
        // Few groups of ascending runs: merging beats sorting, the many small ones are sorted
        // below.
        if (set.groups_size() <= 64)
            std::inplace_merge(entries.begin(), entries.begin() + middle, entries.end());
    }
    if (set.groups_size() > 64) std::sort(entries.begin(), entries.end());
    const auto twice =
        std::adjacent_find(entries.begin(), entries.end(),
                           [](const Entry& a, const Entry& b) { return a.prefix == b.prefix; });
    if (twice != entries.end())
        return fail(Errc::bad_input, "prefix " + to_string(twice->prefix) + " is listed twice");
    return entries;
}

Result<std::vector<Prefix>> decode_prefixes(const proto::PrefixSet& set, std::size_t limit) {
    const auto entries = decode_entries(set, limit);
    if (!entries) return tl::unexpected(entries.error());
    std::vector<Prefix> prefixes;
    prefixes.reserve(entries->size());
    for (const auto& entry : *entries) {
        if (entry.address_class != 0)
            return fail(Errc::bad_input, "a class where prefixes have none");
        prefixes.push_back(entry.prefix);
    }
    return prefixes;
}

} // namespace sweepgate::wire
