// SPDX-License-Identifier: Apache-2.0
#include "controlplane/catalog/catalog.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "controlplane/catalog/hostname.hpp"
#include "controlplane/catalog/read_networks.hpp"
#include "controlplane/catalog/read_system.hpp"
#include "controlplane/config/document.hpp"
#include "controlplane/model/nearest.hpp"
#include "controlplane/model/snapshot.hpp"

namespace sweepgate {

namespace {

constexpr std::string_view kProtectedFile = "protected.toml";
constexpr std::string_view kNetworksFile = "networks.toml";

std::vector<ProtectedHost> read_protected(config::Section root) {
    std::vector<ProtectedHost> hosts;
    root.text_or("note", "");
    for (auto& section : root.sections("protected")) {
        ProtectedHost host;
        const auto text = section.text("hostname");
        host.kind = section.text("kind");
        for (auto& near : section.texts("near")) host.near.push_back(std::move(near.value));
        if (auto name = parse_hostname(text))
            host.hostname = std::move(*name);
        else
            section.reject("hostname", name.error().what);
        hosts.push_back(std::move(host));
    }
    return hosts;
}

/// A file's text, parsed; kept so that faults found against other files still name its lines.
struct SystemFile {
    CatalogSystem entry;
    config::Document document;
};

Result<SystemFile> parse_system_file(config::Document document, const std::filesystem::path& file) {
    auto entry = read_system(document.root());
    if (auto ok = document.finish(); !ok) return tl::unexpected(ok.error());
    entry.file = file;
    return SystemFile{std::move(entry), std::move(document)};
}

Result<std::vector<std::filesystem::path>> toml_files(const std::filesystem::path& folder) {
    std::error_code fault;
    std::vector<std::filesystem::path> files;
    auto item = std::filesystem::directory_iterator(folder, fault);
    for (; !fault && item != std::filesystem::directory_iterator(); item.increment(fault))
        if (item->path().extension() == ".toml") files.push_back(item->path());
    if (fault) return fail(Errc::io, "catalog folder " + folder.string() + ": " + fault.message());
    std::sort(files.begin(), files.end());
    return files;
}

/// Collects folders; what is loaded later replaces what came before.
class Loader {
public:
    Status add_folder(const std::filesystem::path& folder) {
        const auto files = toml_files(folder);
        if (!files) return tl::unexpected(files.error());
        std::map<std::string, std::filesystem::path> here;
        for (const auto& file : *files)
            if (auto ok = add_file(file, here); !ok) return ok;
        return {};
    }

    Result<Catalog> finish() {
        Catalog catalog;
        catalog.networks = Networks(std::move(networks_));
        catalog.warnings = std::move(warnings_);
        for (auto& [id, entry] : systems_) catalog.systems.push_back(std::move(entry));
        for (auto& [name, host] : protected_) {
            for (const auto& near : host.near)
                if (catalog.find(near) == nullptr)
                    return fail(Errc::bad_input, unknown_near(name, near, catalog));
            catalog.protected_hosts.push_back(std::move(host));
        }
        if (catalog.systems.size() > kMaxSystems)
            return fail(Errc::bad_input, "the catalog has " +
                                             std::to_string(catalog.systems.size()) +
                                             " systems, at most " + std::to_string(kMaxSystems));
        return catalog;
    }

private:
    Status add_file(const std::filesystem::path& file,
                    std::map<std::string, std::filesystem::path>& here) {
        auto document = config::Document::load(file);
        if (!document) return tl::unexpected(document.error());
        if (file.filename() == kProtectedFile) return add_protected(*document, file);
        if (file.filename() == kNetworksFile) return add_networks(*document, file.parent_path());
        auto parsed = parse_system_file(std::move(*document), file);
        if (!parsed) return tl::unexpected(parsed.error());
        const auto& id = parsed->entry.system.id;
        const auto [earlier, fresh] = here.emplace(id, file);
        if (!fresh) {
            parsed->document.root().reject("id", "id '" + id + "' already stands in " +
                                                     earlier->second.filename().string());
            return parsed->document.finish();
        }
        systems_.insert_or_assign(id, std::move(parsed->entry));
        return {};
    }

    Status add_protected(const config::Document& document, const std::filesystem::path& file) {
        auto hosts = read_protected(document.root());
        if (auto ok = document.finish(); !ok) return ok;
        auto sections = document.root().sections("protected");
        for (std::size_t i = 0; i < hosts.size(); ++i) {
            place_of_[hosts[i].hostname] =
                file.string() + ":" + std::to_string(sections[i].line()) + ":1";
            protected_.insert_or_assign(hosts[i].hostname, std::move(hosts[i]));
        }
        return {};
    }

    Status add_networks(const config::Document& document, const std::filesystem::path& folder) {
        auto networks = read_networks(document.root(), folder, warnings_);
        if (auto ok = document.finish(); !ok) return ok;
        std::set<std::pair<std::string, NetworkKind>> mine;
        for (const auto& network : networks) mine.emplace(network.provider, network.kind);
        std::erase_if(networks_, [&](const Network& old) {
            return mine.contains({old.provider, old.kind});
        });
        std::move(networks.begin(), networks.end(), std::back_inserter(networks_));
        return {};
    }

    std::string unknown_near(const std::string& hostname, const std::string& near,
                             const Catalog& catalog) const {
        return place_of_.at(hostname) + ": near names the unknown system '" + near + "'" +
               did_you_mean(near, catalog.ids());
    }

    std::map<std::string, CatalogSystem> systems_;
    std::map<std::string, ProtectedHost> protected_;
    std::vector<Network> networks_;
    std::vector<std::string> warnings_;
    std::map<std::string, std::string> place_of_; // protected hostname -> file and line
};

} // namespace

bool CatalogSystem::shares(std::string_view hostname) const {
    return std::binary_search(shared_hostnames.begin(), shared_hostnames.end(), hostname);
}

const CatalogSystem* Catalog::find(std::string_view id) const {
    const auto found = std::lower_bound(
        systems.begin(), systems.end(), id,
        [](const CatalogSystem& entry, std::string_view key) { return entry.system.id < key; });
    return found != systems.end() && found->system.id == id ? &*found : nullptr;
}

std::vector<std::string> Catalog::ids() const {
    std::vector<std::string> ids;
    for (const auto& entry : systems) ids.push_back(entry.system.id);
    return ids;
}

std::vector<std::string> Catalog::categories() const {
    std::set<std::string> names;
    for (const auto& entry : systems) names.insert(entry.system.category);
    return {names.begin(), names.end()};
}

Result<CatalogSystem> parse_system(std::string_view text, std::string_view name) {
    auto document = config::Document::parse(text, name);
    if (!document) return tl::unexpected(document.error());
    auto parsed = parse_system_file(std::move(*document), name);
    if (!parsed) return tl::unexpected(parsed.error());
    return std::move(parsed->entry);
}

Result<std::vector<ProtectedHost>> parse_protected(std::string_view text, std::string_view name) {
    const auto document = config::Document::parse(text, name);
    if (!document) return tl::unexpected(document.error());
    auto hosts = read_protected(document->root());
    if (auto ok = document->finish(); !ok) return tl::unexpected(ok.error());
    return hosts;
}

Result<Catalog> load_catalog(std::span<const std::filesystem::path> folders) {
    Loader loader;
    for (std::size_t i = 0; i < folders.size(); ++i) {
        std::error_code fault;
        const bool exists = std::filesystem::exists(folders[i], fault);
        if (i > 0 && !fault && !exists) continue;
        if (auto ok = loader.add_folder(folders[i]); !ok) return tl::unexpected(ok.error());
    }
    return loader.finish();
}

} // namespace sweepgate
