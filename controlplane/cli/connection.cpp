// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/connection.hpp"

#include <nlohmann/json.hpp>

#include "controlplane/wire/admin.hpp"

namespace sweepgate::cli {

namespace {

Result<std::optional<wire::CurveClient>> curve_of(const Connection& connection) {
    if (!connection.endpoint.starts_with("tcp://")) return std::optional<wire::CurveClient>{};
    if (connection.key_file.empty() || connection.server_file.empty())
        return fail(Errc::bad_input, connection.endpoint + " needs --key and --server-key");
    return wire::load_curve_client(connection.key_file, connection.server_file)
        .map([](wire::CurveClient client) { return std::optional(std::move(client)); });
}

} // namespace

Result<nlohmann::json> ask(const Connection& connection, std::string_view verb,
                           std::string_view argument, std::string_view options) {
    const auto curve = curve_of(connection);
    if (!curve) return tl::unexpected(curve.error());
    auto client = wire::AdminClient::connect(connection.endpoint, *curve);
    if (!client) return tl::unexpected(client.error());
    const auto text = client->request(verb, argument, connection.timeout, options);
    if (!text) return tl::unexpected(text.error());
    auto answer = nlohmann::json::parse(*text, nullptr, false);
    if (answer.is_discarded())
        return fail(Errc::bad_input, connection.endpoint + " answered something that is not JSON");
    return answer;
}

int exit_code(const Error& error) {
    return error.code == Errc::unavailable ? kNoController : kRefused;
}

} // namespace sweepgate::cli
