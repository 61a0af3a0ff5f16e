// SPDX-License-Identifier: Apache-2.0
#include "controlplane/agent/config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <array>

#include "controlplane/config/document.hpp"
#include "controlplane/config/last_config.hpp"
#include "controlplane/wire/store.hpp"

namespace sweepgate::agent {

namespace {

constexpr const char* kDefaultState = "/var/lib/sweepgate/agent";
constexpr std::size_t kMaxConfig = std::size_t{1} << 20U;

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "appliance";
}

bool is_tcp(std::string_view endpoint) { return endpoint.starts_with("tcp://"); }

Upstream read_upstream(std::optional<config::Section> section) {
    Upstream upstream{
        "ipc:///run/sweepgate/upstream/updates", "ipc:///run/sweepgate/upstream/requests", {}, {}};
    if (!section) return upstream;
    upstream.updates = section->text_or("updates", upstream.updates);
    upstream.requests = section->text_or("requests", upstream.requests);
    upstream.curve_key = section->text_or("curve_key", "");
    upstream.server_key = section->text_or("server_key", "");
    const bool tcp = is_tcp(upstream.updates) || is_tcp(upstream.requests);
    if (tcp && (upstream.curve_key.empty() || upstream.server_key.empty()))
        section->reject("updates", "a tcp:// endpoint needs curve_key and server_key");
    return upstream;
}

std::vector<std::string> endpoints(config::Section& section, std::string_view key,
                                   const std::string& fallback) {
    std::vector<std::string> values;
    for (const auto& text : section.texts(key)) values.push_back(text.value);
    if (values.empty()) values.push_back(fallback);
    return values;
}

Republish read_republish(std::optional<config::Section> section) {
    const std::string updates = "ipc:///run/sweepgate/gates/updates";
    const std::string requests = "ipc:///run/sweepgate/gates/requests";
    Republish republish{{updates}, {requests}, {}, {}};
    if (!section) return republish;
    republish.updates = endpoints(*section, "updates", updates);
    republish.requests = endpoints(*section, "requests", requests);
    republish.curve_key = section->text_or("curve_key", "");
    republish.authorized_keys = section->text_or("authorized_keys", "");
    for (const auto* list : {&republish.updates, &republish.requests})
        for (const auto& endpoint : *list)
            if (is_tcp(endpoint) &&
                (republish.curve_key.empty() || republish.authorized_keys.empty()))
                section->reject("updates", endpoint + " needs curve_key and authorized_keys");
    return republish;
}

std::vector<Prefix> read_management(config::Section& root) {
    std::vector<Prefix> prefixes;
    for (const auto& text : root.texts("management")) {
        auto prefix = parse_prefix(text.value);
        if (!prefix)
            root.reject(text, "management: " + prefix.error().what);
        else if (is_too_wide(*prefix))
            root.reject(text, "management: " + to_string(*prefix) + " is wider than /" +
                                  std::to_string(widest_opening(*prefix)));
        else
            prefixes.push_back(*prefix);
    }
    return prefixes;
}

} // namespace

namespace {

Result<Config> read_config(Result<config::Document> document) {
    if (!document) return tl::unexpected(document.error());
    auto root = document->root();
    Config config;
    config.name = root.text_or("name", host_name());
    if (config.name.empty() || config.name.size() > 64 ||
        config.name.find('/') != std::string::npos)
        root.reject("name", "must have 1 to 64 characters and no '/'");
    config.state = root.text_or("state", kDefaultState);
    config.verify_key = root.text_or("verify_key", "/etc/sweepgate/keys/signing.key.pub");
    config.nftables = root.boolean_or("nftables", true);
    config.management = read_management(root);
    config.user = root.text_or("user", "");
    config.upstream = read_upstream(root.section("upstream"));
    config.republish = read_republish(root.section("republish"));
    if (auto ok = document->finish(); !ok) return tl::unexpected(ok.error());
    return config;
}

} // namespace

Result<Config> load_config(const std::filesystem::path& path) {
    return read_config(config::Document::load(path));
}

Result<Config> parse_config(std::string_view text, std::string_view name) {
    return read_config(config::Document::parse(text, name));
}

Result<Config> load_start_config(const std::filesystem::path& path, std::string& fault) {
    auto config = load_config(path);
    const auto text = config::read_file(path, kMaxConfig);
    const bool blank = text && config::is_blank(*text);
    if (config && !blank) return config;
    const auto state = config::state_named_in(path, kDefaultState);
    auto last = load_config(config::last_config_path(state, path));
    if (!last) return config;
    fault = (blank ? path.string() + ": is empty" : config.error().what) +
            "; the configuration of the last start is in force";
    return last;
}

void keep_config(const Config& config, const std::filesystem::path& path) {
    if (const auto text = config::read_file(path, kMaxConfig))
        wire::keep_copy(config::last_config_path(config.state, path), *text);
}

std::string describe(const Config& config) {
    std::vector<std::string> management;
    for (const auto& prefix : config.management) management.push_back(to_string(prefix));
    return fmt::format("name = {}, state = {}, verify_key = {}, nftables = {}, management = [{}], "
                       "upstream = {} {}, republish = [{}] [{}]",
                       config.name, config.state.string(), config.verify_key.string(),
                       config.nftables, fmt::join(management, ", "), config.upstream.updates,
                       config.upstream.requests, fmt::join(config.republish.updates, ", "),
                       fmt::join(config.republish.requests, ", "));
}

} // namespace sweepgate::agent
