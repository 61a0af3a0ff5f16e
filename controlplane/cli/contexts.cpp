// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/contexts.hpp"

#include <algorithm>
#include <cstdlib>

#include "controlplane/config/document.hpp"
#include "controlplane/model/nearest.hpp"

namespace sweepgate::cli {

namespace {

constexpr config::Bounds kTimeout{100, 600'000}; // as --timeout
constexpr std::size_t kMaxFile = std::size_t{1} << 20U;

std::filesystem::path home() {
    const char* home = std::getenv("HOME"); // NOLINT(concurrency-mt-unsafe): before any thread
    return home == nullptr ? "" : home;
}

std::string path_at(config::Section& section, std::string_view key,
                    const std::filesystem::path& folder) {
    const auto text = section.text_or(key, "");
    if (text.empty()) return text;
    return text.starts_with("~/") ? (home() / text.substr(2)).string() : (folder / text).string();
}

Context read_context(config::Section& section, const Contexts& contexts,
                     const std::filesystem::path& folder) {
    Context context;
    context.name = section.text("name");
    if (context.name.empty()) section.reject("name", "a context needs a name");
    if (contexts.find(context.name) != nullptr)
        section.reject("name", "context '" + context.name + "' stands twice");
    context.connect = section.text("connect");
    const bool tcp = context.connect.starts_with("tcp://");
    if (!tcp && !context.connect.starts_with("ipc://"))
        section.reject("connect", "'" + context.connect + "' is neither ipc:// nor tcp://");
    context.key = path_at(section, "key", folder);
    context.server_key = path_at(section, "server_key", folder);
    if (tcp && (context.key.empty() || context.server_key.empty()))
        section.reject_whole("context '" + context.name +
                             "' is reached over tcp://: it needs key and server_key");
    if (section.has("timeout_ms"))
        context.timeout = std::chrono::milliseconds(section.integer("timeout_ms", kTimeout));
    return context;
}

} // namespace

const Context* Contexts::find(const std::string& name) const {
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const auto& context) { return context.name == name; });
    return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> Contexts::names() const {
    std::vector<std::string> names;
    for (const auto& context : all) names.push_back(context.name);
    return names;
}

std::filesystem::path contexts_file() {
    const char* base = std::getenv("XDG_CONFIG_HOME"); // NOLINT(concurrency-mt-unsafe)
    if (base != nullptr && *base == '/') // "must be absolute", says the XDG specification
        return std::filesystem::path(base) / "sweepgate/config.toml";
    return home().empty() ? "" : home() / ".config/sweepgate/config.toml";
}

Result<Contexts> parse_contexts(std::string_view text, const std::filesystem::path& file) {
    const auto document = config::Document::parse(text, file.string());
    if (!document) return tl::unexpected(document.error());
    Contexts contexts{file, {}, {}};
    auto root = document->root();
    for (auto& section : root.sections("context"))
        contexts.all.push_back(read_context(section, contexts, file.parent_path()));
    contexts.current = root.text_or("current", "");
    if (!contexts.current.empty() && contexts.find(contexts.current) == nullptr)
        root.reject("current", "no context '" + contexts.current + "'" +
                                   did_you_mean(contexts.current, contexts.names()));
    if (auto ok = document->finish(); !ok) return tl::unexpected(ok.error());
    return contexts;
}

Result<Contexts> load_contexts(const std::filesystem::path& file) {
    std::error_code ignored;
    if (file.empty() || !std::filesystem::exists(file, ignored)) return Contexts{file, {}, {}};
    const auto text = config::read_file(file, kMaxFile);
    if (!text) return tl::unexpected(text.error());
    return parse_contexts(*text, file);
}

} // namespace sweepgate::cli
