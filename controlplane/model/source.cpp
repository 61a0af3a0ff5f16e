// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/source.hpp"

namespace sweepgate {

std::string_view to_string(Source source) {
    switch (source) {
    case Source::dns: return "dns";
    case Source::hint: return "hint";
    case Source::published: return "published";
    case Source::admin: return "admin";
    case Source::asn_list: return "asn-list";
    }
    return "unknown";
}

} // namespace sweepgate
