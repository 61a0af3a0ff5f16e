// SPDX-License-Identifier: Apache-2.0
// Canonical bytes: every integer big-endian and fixed width, every list preceded by its length,
// so no two different snapshots share an encoding.
#include <endian.h>

#include <algorithm>

#include <sodium.h>

#include "controlplane/model/snapshot.hpp"

namespace sweepgate {

namespace {

/// Collects small pieces before it hashes them: one call for every field would take three times
/// as long at 100k entries.
class Hasher {
public:
    Hasher() {
        // Picks the fastest BLAKE2b of this processor; harmless when it has been called before.
        [[maybe_unused]] static const int ready = sodium_init();
        crypto_generichash_init(&state_, nullptr, 0, std::tuple_size_v<Digest>);
    }

    void bytes(const void* from, std::size_t size) {
        const auto* next = static_cast<const unsigned char*>(from);
        if (size > buffer_.size() - filled_) flush();
        if (size > buffer_.size()) {
            crypto_generichash_update(&state_, next, size);
            return;
        }
        std::copy_n(next, size, buffer_.data() + filled_);
        filled_ += size;
    }
    void number(std::uint64_t value) {
        const auto big_endian = htobe64(value);
        bytes(&big_endian, sizeof big_endian);
    }
    void text(const std::string& value) {
        number(value.size());
        bytes(value.data(), value.size());
    }
    void prefix(const Prefix& value) {
        std::array<std::uint8_t, 18> packed{};
        packed[0] = static_cast<std::uint8_t>(value.address.family);
        packed[1] = value.length;
        const auto address = to_bytes(value.address);
        std::copy(address.begin(), address.end(), packed.begin() + 2);
        bytes(packed.data(), packed.size());
    }
    template <typename List, typename Each>
    void list(const List& items, Each each) {
        number(items.size());
        for (const auto& item : items) each(item);
    }
    Digest finish() {
        flush();
        Digest digest{};
        crypto_generichash_final(&state_, digest.data(), digest.size());
        return digest;
    }

private:
    void flush() {
        crypto_generichash_update(&state_, buffer_.data(), filled_);
        filled_ = 0;
    }

    crypto_generichash_state state_{};
    std::array<unsigned char, 8192> buffer_{};
    std::size_t filled_ = 0;
};

void hash_rules(Hasher& hasher, const Ruleset& rules) {
    hasher.list(rules.systems, [&](const System& system) {
        hasher.text(system.id);
        hasher.text(system.name);
        hasher.text(system.category);
        hasher.list(system.ports, [&](const PortRange& range) {
            hasher.number(static_cast<std::uint8_t>(range.transport));
            hasher.number(range.first);
            hasher.number(range.last);
        });
        hasher.list(system.suffixes, [&](const std::string& suffix) { hasher.text(suffix); });
    });
    hasher.list(rules.classes, [&](const AddressClass& address_class) {
        hasher.number(static_cast<std::uint8_t>(address_class.scope));
        hasher.list(address_class.systems, [&](SystemIndex system) { hasher.number(system); });
    });
    hasher.list(rules.groups, [&](const Group& group) {
        hasher.text(group.name);
        hasher.list(group.sources, [&](const Prefix& source) { hasher.prefix(source); });
    });
    hasher.list(rules.actions, [&](const std::vector<Action>& row) {
        hasher.list(row, [&](Action action) { hasher.number(code_of(action)); });
    });
    hasher.list(rules.allow, [&](const Prefix& prefix) { hasher.prefix(prefix); });
}

bool has_rates(const Ruleset& rules) {
    return std::any_of(rules.systems.begin(), rules.systems.end(),
                       [](const System& system) { return system.packets_per_second != 0; });
}

void hash_schedule(Hasher& hasher, const Schedule& schedule) {
    hasher.text(schedule.name);
    hasher.number(schedule.days);
    hasher.number(schedule.from);
    hasher.number(schedule.to);
    hasher.number(static_cast<std::uint8_t>(schedule.clock));
    hasher.list(schedule.actions, [&](const std::vector<std::optional<Action>>& row) {
        hasher.list(row, [&](const std::optional<Action>& action) {
            hasher.number(action ? code_of(*action) : 0U);
        });
    });
}

} // namespace

Digest digest_of(const Snapshot& snapshot) {
    Hasher hasher;
    hash_rules(hasher, snapshot.rules);
    hasher.list(snapshot.entries, [&](const Entry& entry) {
        hasher.prefix(entry.prefix);
        hasher.number(entry.address_class);
    });
    // Younger than the rest: written only when it is there, so that what was published before
    // keeps its digest, and each behind a number of its own, so that none is taken for another.
    if (snapshot.rules.inspect_tunnels) hasher.number(1);
    if (!snapshot.rules.schedules.empty()) {
        hasher.number(2);
        hasher.list(snapshot.rules.schedules,
                    [&](const Schedule& schedule) { hash_schedule(hasher, schedule); });
    }
    if (has_rates(snapshot.rules)) {
        hasher.number(3);
        hasher.list(snapshot.rules.systems,
                    [&](const System& system) { hasher.number(system.packets_per_second); });
    }
    return hasher.finish();
}

std::string to_hex(const Digest& digest) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const auto byte : digest) {
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

} // namespace sweepgate
