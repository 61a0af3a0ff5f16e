// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/endpoint.hpp"

#include <sys/stat.h>
#include <sys/un.h>

#include "controlplane/wire/descriptor.hpp"

namespace sweepgate::wire {

Result<Endpoint> parse_endpoint(const std::string& text) {
    constexpr std::string_view kIpc = "ipc://";
    if (text.starts_with("tcp://") && text.find(':', 6) != std::string::npos &&
        text.size() <= kMaxEndpoint)
        return Endpoint{text, {}};
    if (!text.starts_with(kIpc) || text.size() <= kIpc.size() || text[kIpc.size()] != '/')
        return fail(Errc::bad_input, "endpoint '" + text.substr(0, kMaxEndpoint) +
                                         "' is neither ipc:///path nor tcp://host:port");
    const std::filesystem::path path(text.substr(kIpc.size()));
    if (path.native().size() >= sizeof(sockaddr_un::sun_path))
        return fail(Errc::bad_input, "endpoint '" + text.substr(0, kMaxEndpoint) +
                                         "': a socket path has at most 107 bytes");
    return Endpoint{text, path};
}

Status check_folder(const Endpoint& endpoint) {
    if (!endpoint.is_local()) return {};
    const auto folder = endpoint.socket_file.parent_path();
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) return system_fault("stat", folder);
    if ((status.st_mode & S_IWOTH) != 0)
        return fail(Errc::refused, folder.string() +
                                       ": everyone may write there, so it cannot "
                                       "guard the socket " +
                                       endpoint.socket_file.filename().string());
    return {};
}

} // namespace sweepgate::wire
