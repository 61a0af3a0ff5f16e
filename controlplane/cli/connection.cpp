// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/connection.hpp"

#include <condition_variable>
#include <iostream>
#include <mutex>
#include <thread>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "controlplane/model/text.hpp"
#include "controlplane/wire/admin.hpp"

namespace sweepgate::cli {

namespace {

Result<std::optional<wire::CurveClient>> curve_of(const Connection& connection) {
    if (!connection.endpoint.starts_with("tcp://")) return std::optional<wire::CurveClient>{};
    if (connection.key_file.empty() || connection.server_file.empty())
        return fail(Errc::bad_input, connection.endpoint +
                                         " needs keys: --key and --server-key, SWEEPGATE_KEY and "
                                         "SWEEPGATE_SERVER_KEY, or a context");
    return wire::load_curve_client(connection.key_file, connection.server_file)
        .map([](wire::CurveClient client) { return std::optional(std::move(client)); });
}

/// Says after a second that it is waiting, on a terminal, and takes it back when it is gone.
class Patience {
public:
    explicit Patience(const std::string& endpoint)
        : thread_([this, endpoint](const std::stop_token& stop) { wait(stop, endpoint); }) {}

private:
    void wait(const std::stop_token& stop, const std::string& endpoint) {
        if (::isatty(STDERR_FILENO) == 0) return;
        std::unique_lock hold(lock_);
        if (ended_.wait_for(hold, stop, std::chrono::seconds(1), [] { return false; })) return;
        if (stop.stop_requested()) return;
        std::cerr << "waiting for " << printable(endpoint) << " (Ctrl-C)" << std::flush;
        ended_.wait(hold, stop, [] { return false; });
        std::cerr << "\r\x1b[K" << std::flush;
    }

    std::mutex lock_;
    std::condition_variable_any ended_;
    std::jthread thread_; // last: it uses the others
};

} // namespace

Result<nlohmann::json> ask(const Connection& connection, std::string_view verb,
                           std::string_view argument, std::string_view options) {
    if (connection.fault) return tl::unexpected(*connection.fault);
    const auto curve = curve_of(connection);
    if (!curve) return tl::unexpected(curve.error());
    auto client = wire::AdminClient::connect(connection.endpoint, *curve);
    if (!client) return tl::unexpected(client.error());
    const Patience patience(connection.endpoint);
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
