// SPDX-License-Identifier: Apache-2.0
#include "controlplane/usage/open_files.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace sweepgate::usage {

Status open_files(std::uint64_t least) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return fail(Errc::io, "getrlimit: " + errno_text(errno));
    if (limit.rlim_max < least)
        return fail(Errc::refused, "at most " + std::to_string(limit.rlim_max) +
                                       " files may be open (ulimit -n), and " +
                                       std::to_string(least) + " is the least: raise the limit");
    if (limit.rlim_cur >= kOpenFilesMost) return {};
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, kOpenFilesMost);
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return fail(Errc::io, "setrlimit: " + errno_text(errno));
    return {};
}

} // namespace sweepgate::usage
