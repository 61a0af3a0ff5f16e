// SPDX-License-Identifier: Apache-2.0
// agent.toml, parsed once into a value. Every key with its default:
//
//   name       = <host name>                     in the fleet; gates are "<name>/nftables", ...
//   state      = "/var/lib/sweepgate/agent"      last good; one agent each
//   verify_key = "/etc/sweepgate/keys/signing.key.pub"   one or more public signing keys
//   nftables   = true                            false: only hand on to the gates behind
//   management = []                              prefixes never judged, beside those that
//                                                lifelines.hpp finds: own DNS and controller
//   user       = ""                              started as root: the network half becomes it
//
//   [upstream]
//   updates    = "ipc:///run/sweepgate/upstream/updates"  ipc:// or tcp://
//   requests   = "ipc:///run/sweepgate/upstream/requests"
//   curve_key  = ""                              own pair; required with tcp://
//   server_key = ""                              the controller's .pub; required with tcp://
//
//   [republish]
//   updates    = ["ipc:///run/sweepgate/gates/updates"]    a relay adds a tcp:// endpoint
//   requests   = ["ipc:///run/sweepgate/gates/requests"]
//   curve_key  = ""                              required with tcp://
//   authorized_keys = ""                         required with tcp://; SIGHUP reads it again
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "controlplane/model/prefix.hpp"
#include "controlplane/model/version.hpp"

namespace sweepgate::agent {

struct Upstream {
    std::string updates;
    std::string requests;
    std::filesystem::path curve_key;
    std::filesystem::path server_key;
};

struct Republish {
    std::vector<std::string> updates;
    std::vector<std::string> requests;
    std::filesystem::path curve_key;
    std::filesystem::path authorized_keys;
};

struct Config {
    std::string name;
    std::filesystem::path state;
    std::filesystem::path verify_key;
    bool nftables = true;
    std::vector<Prefix> management;
    std::string user;
    Upstream upstream;
    Republish republish;
    std::string version{kVersion}; // of this program, as it is told upstream
};

/// Errors: io; bad_input naming file, line and key.
[[nodiscard]] Result<Config> load_config(const std::filesystem::path& path);
/// `name` stands for the file in errors.
[[nodiscard]] Result<Config> parse_config(std::string_view text, std::string_view name);

/// The same for a start: where the file has become wrong, the configuration of the last one, and
/// `fault` says so. Errors: those of the file, when there was none.
[[nodiscard]] Result<Config> load_start_config(const std::filesystem::path& path,
                                               std::string& fault);
/// For the next start. `path` is the file that `config` was read from.
void keep_config(const Config& config, const std::filesystem::path& path);
/// One "key = value" a line, for the log at start.
[[nodiscard]] std::string describe(const Config& config);

} // namespace sweepgate::agent
