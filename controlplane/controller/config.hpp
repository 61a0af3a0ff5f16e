// SPDX-License-Identifier: Apache-2.0
// sweepgated.toml, parsed once into a value. Every key with its range and default:
//
//   state       = "/var/lib/sweepgate"              folder of the address book; one controller each
//   policy      = "/etc/sweepgate/policy.toml"      in force until an admin pushes another
//   catalog     = ["/usr/share/sweepgate/catalog", "/etc/sweepgate/catalog.d"]   later ones
//   override signing_key = "/etc/sweepgate/keys/signing.key" Ed25519, mode 0600
//
//   [publish]
//   updates     = ["ipc:///run/sweepgate/controller/updates"]  ipc:// or tcp://
//   requests    = ["ipc:///run/sweepgate/controller/requests"]
//   curve_key   = "/etc/sweepgate/keys/controller.curve"       required with a tcp:// endpoint
//   authorized_keys = "/etc/sweepgate/keys/authorized_keys"    required with a tcp:// endpoint
//   lifetime_h  = 168     1..8760        behind it gates raise an alarm and keep enforcing
//
//   [resolver]
//   servers     = []                     default: those of /etc/resolv.conf
//   interval_ms = 60000   200..86400000  from the start of one sweep to the start of the next
//   window      = 512     1..8192        queries in flight
//   timeouts_ms = [250, 500, 1000, 2000] one try each, 10..10000
//   queries_per_second = 0   0..1000000  0: not paced
//
//   [book]
//   hold_down_s = 86400   1..31536000    how long an address stays after it was last seen
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "controlplane/model/result.hpp"

namespace sweepgate::controller {

struct PublishConfig {
    std::vector<std::string> updates{"ipc:///run/sweepgate/controller/updates"};
    std::vector<std::string> requests{"ipc:///run/sweepgate/controller/requests"};
    std::filesystem::path curve_key;       // empty: ipc:// only
    std::filesystem::path authorized_keys; // empty: ipc:// only
    std::chrono::hours lifetime{168};
};

struct ResolverConfig {
    std::vector<std::string> servers; // never empty after loading
    std::chrono::milliseconds interval{60'000};
    unsigned window = 512;
    std::vector<std::chrono::milliseconds> timeouts;
    unsigned queries_per_second = 0;
};

struct Config {
    std::filesystem::path state;
    std::filesystem::path policy;
    std::vector<std::filesystem::path> catalog;
    std::filesystem::path signing_key;
    PublishConfig publish;
    ResolverConfig resolver;
    std::chrono::seconds hold_down{86'400};
};

[[nodiscard]] Result<Config> load_config(const std::filesystem::path& path);
/// `name` stands for the file in errors.
[[nodiscard]] Result<Config> parse_config(std::string_view text, std::string_view name);

} // namespace sweepgate::controller
