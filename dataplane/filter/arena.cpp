// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/arena.hpp"

#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sweepgate::filter {

namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20U;

/// Of the memory that will be touched there. mbind(2) without libnuma, which is one call's worth
/// of a library; advice too: an unknown node leaves the memory where it falls.
void prefer_node(void* address, std::size_t bytes, int node) {
    constexpr int kNodes = 64;
    if (node < 0 || node >= kNodes) return;
    const unsigned long nodes = 1UL << static_cast<unsigned>(node);
    syscall(SYS_mbind, address, bytes, MPOL_PREFERRED, &nodes, kNodes + 1, 0U);
}

} // namespace

Arena::Arena(int node) {
    void* mapped = mmap(nullptr, kReserved, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    base_ = static_cast<std::uint8_t*>(mapped);
    prefer_node(mapped, kReserved, node);
    madvise(mapped, kReserved, MADV_HUGEPAGE); // advice: small pages work as well
    // The kernel need not have placed us on a huge page's border; what lies before it is unused.
    used_ = (kHugePage - reinterpret_cast<std::uintptr_t>(base_) % kHugePage) % kHugePage;
    front_ = used_;
}

Arena::~Arena() { munmap(base_, kReserved); }

void* Arena::take(std::size_t bytes) {
    const auto rounded = (bytes + kCacheLine - 1) / kCacheLine * kCacheLine;
    if (rounded > kReserved - used_) throw std::bad_alloc();
    auto* taken = base_ + used_;
    used_ += rounded;
    return taken;
}

} // namespace sweepgate::filter
