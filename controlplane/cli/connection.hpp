// SPDX-License-Identifier: Apache-2.0
// Where the controller is and how to reach it; one request, one answer.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "controlplane/model/result.hpp"

namespace sweepgate::cli {

struct Connection {
    std::string endpoint = "ipc:///run/sweepgate/controller/requests";
    std::string key_file;    // own CURVE pair; needed for tcp://
    std::string server_file; // the controller's public CURVE key; needed for tcp://
    std::chrono::milliseconds timeout{10'000};
    std::optional<Error> fault; // of the configuration file: nobody is asked
};

/// The answer as parsed JSON. Errors: those of the verb; unavailable when nobody answers.
[[nodiscard]] Result<nlohmann::json> ask(const Connection& connection, std::string_view verb,
                                         std::string_view argument, std::string_view options = {});

// Exit codes of every command that asks the controller.
inline constexpr int kOk = 0;
inline constexpr int kRefused = 1; // it answered no; the text says why
inline constexpr int kUsage = 2;
inline constexpr int kNoController = 3; // nobody answered

[[nodiscard]] int exit_code(const Error& error);

} // namespace sweepgate::cli
