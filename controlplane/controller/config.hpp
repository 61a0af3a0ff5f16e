// SPDX-License-Identifier: Apache-2.0
// sweepgated.toml, parsed once into a value. Every key with its range and default:
//
//   state       = "/var/lib/sweepgate/controller"   folder of the address book; one controller each
//   policy      = "/etc/sweepgate/policy.toml"      in force until an admin pushes another
//   catalog     = ["/usr/share/sweepgate/catalog", "/etc/sweepgate/catalog.d"]   later ones
//   override signing_key = "/etc/sweepgate/keys/signing.key" Ed25519, mode 0600
//
//   lists       = "/etc/sweepgate/lists"            folder of the prefix lists a policy may name
//
//   [publish]
//   updates     = ["ipc:///run/sweepgate/controller/updates"]  ipc:// or tcp://
//   requests    = ["ipc:///run/sweepgate/controller/requests"]
//   gate_updates  = []   ipc:// only     for the gates of this box: no admin verbs there. Default
//   gate_requests = []                   beside a default of the two above: in
//                                        /run/sweepgate/upstream
//   curve_key   = "/etc/sweepgate/keys/controller.curve"       required with a tcp:// endpoint
//   authorized_keys = "/etc/sweepgate/keys/authorized_keys"    required with a tcp:// endpoint
//   lifetime_h  = 168     1..8760        behind it gates raise an alarm and keep enforcing
//
//   [resolver]
//   servers     = []                     default: those of /etc/resolv.conf
//   shortest_ms = 1000    100..86400000  a name is not asked again sooner; see cadence.hpp
//   longest_ms  = 3600000 100..86400000  nor later, but where its TTL is longer
//   budget      = 1000    0..1000000     questions a second over everything; 0: any number
//   https       = true                   ask for HTTPS records too, whose hints are addresses
//   window      = 0       0..8192        queries in flight; 0: found by itself
//   timeouts_ms = [250, 500, 1000, 2000] one try each, 10..10000
//   queries_per_second = 0   0..1000000  0: found by itself
//
//   [[resolver.vantage]]                 every name is asked here as well, by this server alone
//   name          = "paris"              stands in the book with what was seen there
//   server        = "192.0.2.53"         as in servers
//   client_subnet = "198.51.100.0/24"    optional, RFC 7871; at most /24 or /56
//
//   [book]
//   hold_down_s = 86400   1..31536000    how long an address stays after it was last seen
//   hold_down_left_alone_s = 3600   1..31536000   the same for protected and sanctioned ones
//   denials     = 3       1..1000        agreeing NXDOMAIN (or NODATA) before one is believed,
//   denied_for_s = 3600   0..31536000    and the time over which they must have come
//   cap_per_name = 1024   1..65536       addresses; past it the least recently seen goes
//
//   [guard]
//   canary_interval_s = 600   10..86400  how often names that cannot exist are asked for
//   reverse_per_second = 64   0..10000   reverse names of new addresses, at most each second
//   observed    = ""                     file of names seen on addresses, see
//   guard/observations.hpp
//
//   [alarms]
//   quorum_s     = 180    1..86400       an address that waits so long for a second resolver
//   clock_skew_s = 30     1..86400       a gate's clock that is off by more
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "controlplane/book/book.hpp"
#include "controlplane/model/result.hpp"

namespace sweepgate::controller {

struct PublishConfig {
    std::vector<std::string> updates{"ipc:///run/sweepgate/controller/updates"};
    std::vector<std::string> requests{"ipc:///run/sweepgate/controller/requests"};
    std::vector<std::string> gate_updates{"ipc:///run/sweepgate/upstream/updates"};
    std::vector<std::string> gate_requests{"ipc:///run/sweepgate/upstream/requests"};
    std::filesystem::path curve_key;       // empty: ipc:// only
    std::filesystem::path authorized_keys; // empty: ipc:// only
    std::chrono::hours lifetime{168};
};

struct VantageConfig {
    std::string name;
    std::string server;
    std::string client_subnet; // empty: none
};

struct ResolverConfig {
    std::vector<std::string> servers; // empty: /etc/resolv.conf has none yet
    std::vector<std::string> told;    // of /etc/resolv.conf, where it was read: what cannot be used
    std::vector<VantageConfig> vantages;
    std::chrono::milliseconds shortest{1'000};
    std::chrono::milliseconds longest{3'600'000};
    unsigned budget = 1000;
    bool https = true;
    unsigned window = 0;
    std::vector<std::chrono::milliseconds> timeouts;
    unsigned queries_per_second = 0;

    /// Of the sweep: `servers`, then those of the vantage points with their subnets.
    [[nodiscard]] std::vector<std::string> all_servers() const;
    /// Without subnets and repeats.
    [[nodiscard]] std::vector<std::string> distinct_servers() const;
};

struct GuardConfig {
    std::chrono::seconds canary_interval{600};
    std::size_t reverse_per_second = 64;
    std::filesystem::path observed; // empty: none
};

struct AlarmConfig {
    std::chrono::seconds quorum_after{180};
    std::chrono::seconds clock_skew{30};
};

struct Config {
    std::filesystem::path state;
    std::filesystem::path policy;
    std::vector<std::filesystem::path> catalog;
    std::filesystem::path signing_key;
    std::filesystem::path lists;
    PublishConfig publish;
    ResolverConfig resolver;
    GuardConfig guard;
    AlarmConfig alarms;
    BookOptions book; // `resolvers` follows from the servers
};

[[nodiscard]] Result<Config> load_config(const std::filesystem::path& path);

/// The same for a daemon that starts: where the file has become wrong, the configuration of the
/// last start. Errors: those of the file, when there was none.
struct StartConfig {
    Config config;
    std::string text;  // of the file; empty when it is not what is in force
    std::string fault; // of the file then
};
[[nodiscard]] Result<StartConfig> load_start_config(const std::filesystem::path& path);
/// For the next start.
void keep_config(const StartConfig& started, const std::filesystem::path& path);
/// `name` stands for the file in errors.
[[nodiscard]] Result<Config> parse_config(std::string_view text, std::string_view name);

} // namespace sweepgate::controller
