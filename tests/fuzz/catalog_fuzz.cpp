// SPDX-License-Identifier: Apache-2.0
// The catalog's files and the observers' file: any text is read or refused with a reason. The first
// byte chooses the kind of file.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "controlplane/catalog/catalog.hpp"
#include "controlplane/guard/observations.hpp"

namespace {

using namespace sweepgate;

template <typename T>
void expect_reason(const Result<T>& parsed) {
    if (!parsed && parsed.error().what.empty()) std::abort();
}

void check(const CatalogSystem& system) {
    for (const auto* names : {&system.hostnames, &system.shared_hostnames, &system.srv})
        for (const auto& name : *names)
            if (name.empty() || name.size() > 253) std::abort();
    for (const auto& prefix : system.static_prefixes)
        if ((prefix.address.value & prefix.host_mask()) != 0) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    switch (bytes[0] % 4) {
    case 0: {
        const auto system = parse_system(text, "fuzz");
        expect_reason(system);
        if (system) check(*system);
        break;
    }
    case 1: expect_reason(parse_protected(text, "fuzz")); break;
    case 2: expect_reason(parse_networks(text, "fuzz", "/nonexistent")); break;
    default: {
        const auto seen = parse_observations(text, "fuzz");
        expect_reason(seen);
        if (!seen) break;
        for (const auto& [address, names] : *seen)
            if (names.names.size() > kMaxObservedNames) std::abort();
    }
    }
    return 0;
}
