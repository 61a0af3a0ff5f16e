// SPDX-License-Identifier: Apache-2.0
#include "controlplane/agent/privileges.hpp"

#include <cap-ng.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>

namespace sweepgate::agent {

namespace {

Status no_new_privileges() {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail(Errc::io, "PR_SET_NO_NEW_PRIVS: " + errno_text(errno));
    return {};
}

/// Clears everything, then keeps `kept` (or nothing when negative). The bounding set can only be
/// changed with CAP_SETPCAP; without it PR_SET_NO_NEW_PRIVS keeps its content out of reach.
Status reduce_to(int kept) {
    if (capng_get_caps_process() != 0) return fail(Errc::io, "cannot read our capabilities");
    const bool bounding = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) != 0;
    const bool held =
        kept < 0 || capng_have_capability(CAPNG_PERMITTED, static_cast<unsigned>(kept)) != 0;
    if (!held) return fail(Errc::refused, "CAP_NET_ADMIN is needed for nftables");
    capng_clear(CAPNG_SELECT_ALL);
    if (kept >= 0)
        capng_update(CAPNG_ADD, static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED),
                     static_cast<unsigned>(kept));
    // Ambient ones vanish by themselves with the inheritable set.
    if (capng_apply(bounding ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS) != 0)
        return fail(Errc::io, "cannot give up capabilities");
    return no_new_privileges();
}

Status become(const std::string& user) {
    const auto* entry = ::getpwnam(user.c_str());
    if (entry == nullptr) return fail(Errc::not_found, "no such user: " + user);
    if (::initgroups(user.c_str(), entry->pw_gid) != 0 || ::setgid(entry->pw_gid) != 0 ||
        ::setuid(entry->pw_uid) != 0)
        return fail(Errc::io, "cannot become " + user + ": " + errno_text(errno));
    return {};
}

} // namespace

Status keep_net_admin_only() { return reduce_to(CAP_NET_ADMIN); }

Status keep_nothing(const std::string& user) {
    if (!user.empty()) {
        if (auto ok = become(user); !ok) return ok;
    }
    return reduce_to(-1);
}

} // namespace sweepgate::agent
