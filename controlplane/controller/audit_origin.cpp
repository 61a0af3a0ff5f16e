// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/audit_origin.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdio>
#include <vector>

#include <fmt/format.h>

namespace sweepgate::controller {

namespace {

std::string name_of(unsigned uid) {
    constexpr std::size_t kEnough = 16 * 1024; // getpwuid_r(3): no fixed bound
    std::vector<char> text(kEnough);
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(uid, &entry, text.data(), text.size(), &found) != 0 || found == nullptr)
        return {};
    return found->pw_name;
}

} // namespace

std::string origin_of(unsigned uid, unsigned pid) {
    const auto name = name_of(uid);
    return name.empty() ? fmt::format("uid {}, pid {}", uid, pid)
                        : fmt::format("uid {} ({}), pid {}", uid, name, pid);
}

std::string origin_of(const wire::Peer& peer) {
    unsigned uid = 0;
    unsigned pid = 0;
    if (std::sscanf(peer.address.c_str(), "uid %u pid %u", &uid, &pid) == 2)
        return origin_of(uid, pid);
    if (peer.key.empty()) return peer.address;
    return fmt::format("{}, key {}, {}", to_string(peer.role), peer.key, peer.address);
}

} // namespace sweepgate::controller
