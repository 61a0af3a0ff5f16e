// SPDX-License-Identifier: Apache-2.0
// Memory of one set of tables, on huge pages where the system gives them.
//
// Tables are megabytes that are read at random: on small pages every second lookup would miss the
// TLB. And a table that goes must not be unmapped while others forward, because that stops every
// core for a moment (a TLB shootdown). So its memory is an arena: address space that is reserved
// once, filled front to back, and used again for the generation after next.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <type_traits>
#include <vector>

namespace sweepgate::filter {

class Arena {
public:
    /// Address space, not memory: what is never written costs nothing. 2M IPv6 entries need 110 MB.
    static constexpr std::size_t kReserved = std::size_t{512} << 20U;

    static constexpr int kAnyNode = -1;

    /// Its memory comes from that NUMA node as long as the node has some; where the machine has no
    /// such node, from any. Throws std::bad_alloc when the system has no address space left.
    explicit Arena(int node = kAnyNode);
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;
    ~Arena();

    /// `count` elements of value zero, on a cache line of their own; valid until clear().
    /// Throws std::bad_alloc when the arena is full.
    template <typename T>
    [[nodiscard]] std::span<T> make(std::size_t count) {
        static_assert(std::is_trivially_destructible_v<T>);
        if (count > kReserved / sizeof(T)) throw std::bad_alloc();
        auto* first = static_cast<T*>(take(count * sizeof(T)));
        for (std::size_t i = 0; i < count; ++i) new (first + i) T{};
        return {first, count};
    }
    /// Forgets everything; the pages stay.
    void clear() noexcept { used_ = front_; }

private:
    [[nodiscard]] void* take(std::size_t bytes);

    std::uint8_t* base_;
    std::size_t front_ = 0; // where the first huge page begins
    std::size_t used_ = 0;
};

/// What was collected elsewhere, in an arena.
template <typename T>
[[nodiscard]] std::span<T> copy(const std::vector<T>& from, Arena& arena) {
    const auto made = arena.make<T>(from.size());
    std::copy(from.begin(), from.end(), made.begin());
    return made;
}

} // namespace sweepgate::filter
