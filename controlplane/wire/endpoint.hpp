// SPDX-License-Identifier: Apache-2.0
// Internal to this station: the two kinds of endpoint and what each must be guarded by.
#pragma once

#include <filesystem>
#include <string>

#include "controlplane/model/result.hpp"

namespace sweepgate::wire {

inline constexpr std::size_t kMaxEndpoint = 256;

struct Endpoint {
    std::string address;               // as ZeroMQ takes it
    std::filesystem::path socket_file; // ipc:// only

    [[nodiscard]] bool is_local() const { return !socket_file.empty(); }
};

/// "ipc:///absolute/path" (at most 107 bytes, unix(7)) or "tcp://host:port". Errors: bad_input.
[[nodiscard]] Result<Endpoint> parse_endpoint(const std::string& text);

/// The folder of an ipc:// socket guards it: it must exist and not be writable by everyone. Where
/// the socket is to be, nothing is, or a socket that nobody serves any more.
/// Errors: not_found, refused, conflict (somebody serves it).
[[nodiscard]] Status check_place(const Endpoint& endpoint);

} // namespace sweepgate::wire
