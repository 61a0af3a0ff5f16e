// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/endpoint.hpp"

#include <sys/socket.h>
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

namespace {

/// Whether somebody answers there. libzmq takes the place of whatever it finds.
bool is_served(const std::filesystem::path& path) {
    const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    return probe && (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address),
                               sizeof address) == 0 ||
                     errno == EAGAIN);
}

Status check_free(const std::filesystem::path& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return {};
    if (!S_ISSOCK(status.st_mode))
        return fail(Errc::refused, path.string() + ": is no socket; remove it or name another");
    if (is_served(path))
        return fail(Errc::conflict, path.string() + ": another program serves this socket");
    return {};
}

} // namespace

Status check_place(const Endpoint& endpoint) {
    if (!endpoint.is_local()) return {};
    const auto folder = endpoint.socket_file.parent_path();
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) return system_fault("stat", folder);
    if ((status.st_mode & S_IWOTH) != 0)
        return fail(Errc::refused, folder.string() +
                                       ": everyone may write there, so it cannot "
                                       "guard the socket " +
                                       endpoint.socket_file.filename().string());
    return check_free(endpoint.socket_file);
}

} // namespace sweepgate::wire
