// SPDX-License-Identifier: Apache-2.0
// Controllers by name, as kubectl has its clusters:
//
//     current = "berlin"
//
//     [[context]]
//     name = "berlin"
//     connect = "tcp://192.0.2.10:7655"
//     key = "alice.key"              # relative to this file; ~/ is the home folder
//     server_key = "berlin.curve.pub"
//     timeout_ms = 5000
//
// in $XDG_CONFIG_HOME/sweepgate/config.toml, by default ~/.config/sweepgate/config.toml.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/model/result.hpp"

namespace sweepgate::cli {

struct Context {
    std::string name;
    std::string connect;
    std::string key;
    std::string server_key;
    std::optional<std::chrono::milliseconds> timeout;
};

struct Contexts {
    std::filesystem::path file; // where they were looked for
    std::string current;        // "" is none
    std::vector<Context> all;

    [[nodiscard]] const Context* find(const std::string& name) const;
    [[nodiscard]] std::vector<std::string> names() const;
};

/// Empty when there is no such place: neither XDG_CONFIG_HOME nor HOME is set.
[[nodiscard]] std::filesystem::path contexts_file();

/// A file that is not there holds none. Errors: io; bad_input with all faults.
[[nodiscard]] Result<Contexts> load_contexts(const std::filesystem::path& file);
[[nodiscard]] Result<Contexts> parse_contexts(std::string_view text,
                                              const std::filesystem::path& file);

} // namespace sweepgate::cli
