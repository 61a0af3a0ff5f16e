// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/config.hpp"

#include <algorithm>

#include "controlplane/config/document.hpp"
#include "controlplane/config/last_config.hpp"
#include "controlplane/model/system.hpp"
#include "controlplane/policy/policy.hpp"
#include "controlplane/wire/store.hpp"
#include "resolver/system_resolvers.hpp"
#include "resolver/vantage.hpp"

namespace sweepgate::controller {

namespace {

using config::Document;
using config::Section;

constexpr const char* kDefaultState = "/var/lib/sweepgate/controller";
constexpr std::size_t kMaxConfig = std::size_t{1} << 20U;

std::vector<std::string> values(const std::vector<config::Text>& texts) {
    std::vector<std::string> strings;
    for (const auto& text : texts) strings.push_back(text.value);
    return strings;
}

bool is_tcp(const std::string& endpoint) { return endpoint.starts_with("tcp://"); }

void read_endpoints(Section& section, std::string_view key, std::vector<std::string>& endpoints) {
    if (!section.has(key)) return;
    endpoints.clear();
    for (const auto& endpoint : section.texts(key)) {
        if (!endpoint.value.starts_with("ipc://") && !is_tcp(endpoint.value))
            section.reject(endpoint, "'" + endpoint.value + "' is neither ipc:// nor tcp://");
        endpoints.push_back(endpoint.value);
    }
    if (endpoints.empty()) section.reject(key, std::string(key) + " names no endpoint");
}

PublishConfig read_publish(Section section) {
    PublishConfig publish;
    read_endpoints(section, "updates", publish.updates);
    read_endpoints(section, "requests", publish.requests);
    if (section.has("updates") || section.has("requests")) {
        publish.gate_updates.clear();
        publish.gate_requests.clear();
    }
    read_endpoints(section, "gate_updates", publish.gate_updates);
    read_endpoints(section, "gate_requests", publish.gate_requests);
    if (publish.gate_updates.empty() != publish.gate_requests.empty())
        section.reject("gate_updates", "gate_updates and gate_requests go together");
    for (const auto* key : {"gate_updates", "gate_requests"})
        for (const auto& endpoint : section.texts(key))
            if (is_tcp(endpoint.value))
                section.reject(endpoint, "'" + endpoint.value +
                                             "': only ipc:// is for the gates of this box");
    publish.curve_key = section.text_or("curve_key", "");
    publish.authorized_keys = section.text_or("authorized_keys", "");
    publish.lifetime = std::chrono::hours(section.integer_or("lifetime_h", 168, {1, 8760}));
    const bool tcp = std::any_of(publish.updates.begin(), publish.updates.end(), is_tcp) ||
                     std::any_of(publish.requests.begin(), publish.requests.end(), is_tcp);
    if (tcp && (publish.curve_key.empty() || publish.authorized_keys.empty()))
        section.reject("updates", "a tcp:// endpoint needs curve_key and authorized_keys");
    return publish;
}

VantageConfig read_vantage(Section& section, const ResolverConfig& resolver) {
    VantageConfig vantage{section.text("name"), section.text("server"),
                          section.text_or("client_subnet", "")};
    if (!is_system_id(vantage.name))
        section.reject("name", "'" + vantage.name + "' is not 1..32 of a-z, 0-9 and '-'");
    for (const auto& other : resolver.vantages)
        if (other.name == vantage.name)
            section.reject("name", "vantage '" + vantage.name + "' stands twice");
    if (const auto endpoint = dns::parse_endpoint(vantage.server); !endpoint)
        section.reject("server", endpoint.error().what);
    if (vantage.client_subnet.empty()) return vantage;
    if (const auto subnet = dns::ClientSubnet::parse(vantage.client_subnet); !subnet)
        section.reject("client_subnet", subnet.error().what);
    return vantage;
}

void read_resolver(Section section, ResolverConfig& resolver) {
    using std::chrono::milliseconds;
    constexpr config::Bounds kInterval{100, 86'400'000};
    resolver.servers = values(section.texts("servers"));
    for (auto& vantage : section.sections("vantage"))
        resolver.vantages.push_back(read_vantage(vantage, resolver));
    resolver.shortest = milliseconds(section.integer_or("shortest_ms", 1'000, kInterval));
    resolver.longest = milliseconds(section.integer_or("longest_ms", 3'600'000, kInterval));
    if (resolver.longest < resolver.shortest)
        section.reject("longest_ms", "longest_ms = " + std::to_string(resolver.longest.count()) +
                                         " is below shortest_ms");
    resolver.budget = static_cast<unsigned>(section.integer_or("budget", 1000, {0, 1'000'000}));
    resolver.https = section.boolean_or("https", true);
    resolver.window = static_cast<unsigned>(section.integer_or("window", 0, {0, 8192}));
    for (const auto timeout : section.integers("timeouts_ms", {10, 10'000}))
        resolver.timeouts.emplace_back(timeout);
    resolver.queries_per_second =
        static_cast<unsigned>(section.integer_or("queries_per_second", 0, {0, 1'000'000}));
}

void read_book(Section section, BookOptions& book) {
    using std::chrono::seconds;
    constexpr config::Bounds kSeconds{1, 31'536'000};
    book.hold_down = seconds(section.integer_or("hold_down_s", 86'400, kSeconds));
    book.hold_down_left_alone =
        seconds(section.integer_or("hold_down_left_alone_s", 3'600, kSeconds));
    book.denials = static_cast<unsigned>(section.integer_or("denials", 3, {1, 1000}));
    book.denied_for = seconds(section.integer_or("denied_for_s", 3'600, {0, kSeconds.most}));
    book.cap_per_name =
        static_cast<std::size_t>(section.integer_or("cap_per_name", 1024, {1, 65'536}));
}

void read_guard(Section section, GuardConfig& guard) {
    guard.canary_interval =
        std::chrono::seconds(section.integer_or("canary_interval_s", 600, {10, 86'400}));
    guard.reverse_per_second =
        static_cast<std::size_t>(section.integer_or("reverse_per_second", 64, {0, 10'000}));
    guard.observed = section.text_or("observed", "");
}

void read_alarms(Section section, AlarmConfig& alarms) {
    using std::chrono::seconds;
    constexpr config::Bounds kDay{1, 86'400};
    alarms.quorum_after = seconds(section.integer_or("quorum_s", 180, kDay));
    alarms.clock_skew = seconds(section.integer_or("clock_skew_s", 30, kDay));
}

Config read_root(Section root) {
    Config config;
    config.state = root.text_or("state", kDefaultState);
    config.policy = root.text_or("policy", "/etc/sweepgate/policy.toml");
    config.signing_key = root.text_or("signing_key", "/etc/sweepgate/keys/signing.key");
    config.lists = root.text_or("lists", kListsFolder);
    for (const auto& folder : root.texts("catalog")) config.catalog.emplace_back(folder.value);
    if (config.catalog.empty())
        config.catalog = {"/usr/share/sweepgate/catalog", "/etc/sweepgate/catalog.d"};
    if (const auto publish = root.section("publish")) config.publish = read_publish(*publish);
    if (const auto resolver = root.section("resolver")) read_resolver(*resolver, config.resolver);
    if (const auto guard = root.section("guard")) read_guard(*guard, config.guard);
    if (const auto alarms = root.section("alarms")) read_alarms(*alarms, config.alarms);
    if (const auto book = root.section("book")) read_book(*book, config.book);
    return config;
}

} // namespace

std::vector<std::string> ResolverConfig::all_servers() const {
    auto all = servers;
    for (const auto& vantage : vantages)
        all.push_back(vantage.client_subnet.empty()
                          ? vantage.server
                          : vantage.server + " subnet=" + vantage.client_subnet);
    return all;
}

std::vector<std::string> ResolverConfig::distinct_servers() const {
    std::vector<std::string> distinct = servers;
    for (const auto& vantage : vantages) distinct.push_back(vantage.server);
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    return distinct;
}

Result<Config> parse_config(std::string_view text, std::string_view name) {
    const auto document = Document::parse(text, name);
    if (!document) return tl::unexpected(document.error());
    auto config = read_root(document->root());
    if (auto ok = document->finish(); !ok) return tl::unexpected(ok.error());

    auto& resolver = config.resolver;
    if (resolver.timeouts.empty())
        for (const int timeout : {250, 500, 1000, 2000}) resolver.timeouts.emplace_back(timeout);
    if (resolver.servers.empty()) {
        auto found = system_resolvers();
        resolver.servers = std::move(found.servers);
        resolver.told = std::move(found.told);
    }
    constexpr std::size_t kMostServers = 32; // of a sweep
    if (resolver.servers.size() + resolver.vantages.size() > kMostServers)
        return fail(Errc::bad_input, std::string(name) + ": more than " +
                                         std::to_string(kMostServers) +
                                         " servers and vantage points");
    const auto resolvers = resolver.distinct_servers().size();
    config.book.resolvers = std::max(1U, static_cast<unsigned>(resolvers));
    return config;
}

Result<Config> load_config(const std::filesystem::path& path) {
    const auto text = config::read_file(path, kMaxConfig);
    if (!text) return tl::unexpected(text.error());
    return parse_config(*text, path.string());
}

Result<StartConfig> load_start_config(const std::filesystem::path& path) {
    auto text = config::read_file(path, kMaxConfig);
    auto config =
        text ? parse_config(*text, path.string()) : Result<Config>(tl::unexpected(text.error()));
    const bool blank = text && config::is_blank(*text);
    if (config && !blank) return StartConfig{std::move(*config), std::move(*text), {}};
    const auto state = config::state_named_in(path, kDefaultState);
    const auto kept = config::read_file(config::last_config_path(state, path), kMaxConfig);
    auto last =
        kept ? parse_config(*kept, path.string()) : Result<Config>(tl::unexpected(kept.error()));
    if (!last && blank) return StartConfig{std::move(*config), std::move(*text), {}};
    if (!last) return tl::unexpected(config.error());
    const auto fault = blank ? path.string() + ": is empty" : config.error().what;
    return StartConfig{
        std::move(*last), {}, fault + "; the configuration of the last start is in force"};
}

void keep_config(const StartConfig& started, const std::filesystem::path& path) {
    if (started.fault.empty())
        wire::keep_copy(config::last_config_path(started.config.state, path), started.text);
}

} // namespace sweepgate::controller
