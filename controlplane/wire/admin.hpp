// SPDX-License-Identifier: Apache-2.0
// Requests of the command line and their answers, and the client that makes them.
//
//     auto client = AdminClient::connect("ipc:///run/sweepgate/controller/requests");
//     auto json = client->request("status", "", 2s);
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "controlplane/model/result.hpp"
#include "controlplane/wire/keys.hpp"

namespace sweepgate::wire {

inline constexpr std::size_t kMaxVerb = 64;
inline constexpr std::size_t kMaxAdminArgument = 512U << 10U;
inline constexpr std::size_t kMaxAdminOptions = 4U << 10U;
inline constexpr std::size_t kMaxAdminReply = 32U << 20U;

struct AdminRequest {
    std::string verb;     // [a-z0-9-]{1,64}
    std::string argument; // text that the verb defines: TOML or JSON, may be empty
    std::string options;  // a JSON object of what stands beside it; empty: none
};

struct AdminReply {
    std::optional<Errc> failed; // nothing = ok
    std::string error;          // what the operator reads, when failed
    std::string json;

    static AdminReply ok(std::string json_text) { return {{}, {}, std::move(json_text)}; }
    static AdminReply fault(Error error) { return {error.code, std::move(error.what), {}}; }
};

/// One connection; not thread-safe, and request() waits for its answer.
class AdminClient {
public:
    /// A tcp:// endpoint needs `curve`; ipc:// takes none. Does not wait for the server.
    /// Errors: bad_input for the endpoint or a key.
    static Result<AdminClient> connect(const std::string& endpoint,
                                       const std::optional<CurveClient>& curve = std::nullopt);
    AdminClient(AdminClient&&) noexcept;
    AdminClient& operator=(AdminClient&&) noexcept;
    ~AdminClient();

    /// The reply's JSON. Errors: unavailable, at once and with the reason where one is known (no
    /// socket, no permission, refused, wrong key), else when no answer came within `timeout`; the
    /// server's own code and words otherwise.
    Result<std::string> request(std::string_view verb, std::string_view argument,
                                std::chrono::milliseconds timeout, std::string_view options = {});

private:
    struct Link;
    explicit AdminClient(std::unique_ptr<Link> link);
    std::unique_ptr<Link> link_;
};

} // namespace sweepgate::wire
