// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/exception.hpp"

#include <algorithm>

namespace sweepgate {

std::vector<Exception> exceptions_of(const GuardContext& context) {
    std::vector<Exception> found;
    for (const auto& own : context.own)
        found.push_back({own, Refusal::own_network, to_string(own)});
    const auto add = [&](const std::vector<Guarded>& guarded, Refusal because) {
        for (const auto& item : guarded) found.push_back({item.prefix, because, item.what});
    };
    add(context.never_block, Refusal::never_block);
    add(context.in_use, Refusal::in_use);
    add(context.sanctioned, Refusal::sanctioned);
    add(context.protected_addresses, Refusal::protected_host);
    std::ranges::stable_sort(found, {}, &Exception::prefix);
    return found;
}

} // namespace sweepgate
