// SPDX-License-Identifier: Apache-2.0
#include "controlplane/catalog/catalog.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "controlplane/catalog/hostname.hpp"
#include "controlplane/catalog/prefix_list.hpp"
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

Result<std::string> text_on_disk(const std::filesystem::path& path) {
    return config::read_file(path, kMaxListBytes);
}

/// Collects files; what is loaded later replaces what came before.
class Loader {
public:
    /// `folder` begins anew: an id may replace one of an earlier folder, not one of this.
    void begin_folder() { here_.clear(); }

    /// Nothing of the file is taken on an error.
    Status add_file(const std::filesystem::path& file, const FileTexts& texts) {
        const auto text = texts(file);
        if (!text) return tl::unexpected(text.error());
        auto document = config::Document::parse(*text, file.string());
        if (!document) return tl::unexpected(document.error());
        if (file.filename() == kProtectedFile) return add_protected(*document, file);
        if (file.filename() == kNetworksFile)
            return add_networks(*document, file.parent_path(), texts);
        auto parsed = parse_system_file(std::move(*document), file);
        if (!parsed) return tl::unexpected(parsed.error());
        const auto& id = parsed->entry.system.id;
        const auto [earlier, fresh] = here_.emplace(id, file);
        if (!fresh) {
            parsed->document.root().reject("id", "id '" + id + "' already stands in " +
                                                     earlier->second.filename().string());
            return parsed->document.finish();
        }
        systems_.insert_or_assign(id, std::move(parsed->entry));
        return {};
    }

    /// `faults` null: a name near an unknown system is an error; else it is told there.
    Result<Catalog> finish(std::vector<std::string>* faults) {
        Catalog catalog;
        catalog.networks = Networks(std::move(networks_));
        catalog.warnings = std::move(warnings_);
        for (auto& [id, entry] : systems_) catalog.systems.push_back(std::move(entry));
        for (auto& [name, host] : protected_) {
            for (const auto& near : host.near) {
                if (catalog.find(near) != nullptr) continue;
                const auto fault = unknown_near(name, near, catalog);
                if (faults == nullptr) return fail(Errc::bad_input, fault);
                faults->push_back(fault);
            }
            std::erase_if(host.near,
                          [&](const auto& near) { return catalog.find(near) == nullptr; });
            catalog.protected_hosts.push_back(std::move(host));
        }
        if (catalog.systems.size() > kMaxSystems)
            return fail(Errc::bad_input, "the catalog has " +
                                             std::to_string(catalog.systems.size()) +
                                             " systems, at most " + std::to_string(kMaxSystems));
        return catalog;
    }

private:
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

    Status add_networks(const config::Document& document, const std::filesystem::path& folder,
                        const FileTexts& texts) {
        std::vector<std::string> warnings;
        auto networks = read_networks(document.root(), folder, texts, warnings);
        if (auto ok = document.finish(); !ok) return ok;
        std::move(warnings.begin(), warnings.end(), std::back_inserter(warnings_));
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

    std::map<std::string, std::filesystem::path> here_; // id -> file of this folder
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
        const auto files = toml_files(folders[i]);
        if (!files) return tl::unexpected(files.error());
        loader.begin_folder();
        for (const auto& file : *files)
            if (auto ok = loader.add_file(file, text_on_disk); !ok)
                return tl::unexpected(ok.error());
    }
    return loader.finish(nullptr);
}

namespace {

/// Reads each file as it lies there or, failing that, as it was last good.
class LenientLoader {
public:
    explicit LenientLoader(const CatalogTexts& last_good) : last_good_(last_good) {}

    Status add_folder(const std::filesystem::path& folder, bool is_first) {
        auto files = toml_files(folder);
        if (!files) {
            std::error_code ignored;
            if (!is_first && !std::filesystem::exists(folder, ignored)) return {};
            auto kept = kept_of(folder);
            if (kept.empty() && is_first) return tl::unexpected(files.error());
            found_.faults.push_back(files.error().what + "; what was last read of it stays");
            files = std::move(kept);
        }
        loader_.begin_folder();
        for (const auto& file : *files) add_file(file);
        return {};
    }

    Result<LenientCatalog> finish() {
        auto catalog = loader_.finish(&found_.faults);
        if (!catalog) return tl::unexpected(catalog.error());
        found_.catalog = std::move(*catalog);
        return std::move(found_);
    }

private:
    void add_file(const std::filesystem::path& file) {
        CatalogTexts texts;
        const auto noted = [&](const FileTexts& from) {
            return [&texts, from](const std::filesystem::path& path) {
                auto text = from(path);
                if (text) texts[path.string()] = *text;
                return text;
            };
        };
        auto ok = loader_.add_file(file, noted(text_on_disk));
        if (!ok) {
            texts.clear();
            const bool kept =
                loader_.add_file(file, noted([&](const auto& path) { return this->kept(path); }))
                    .has_value();
            if (!kept) texts.clear();
            found_.faults.push_back(ok.error().what + (kept ? "; the file stays as it was last read"
                                                            : "; the file is left out"));
        }
        found_.texts.merge(texts);
    }

    [[nodiscard]] Result<std::string> kept(const std::filesystem::path& path) const {
        const auto found = last_good_.find(path.string());
        if (found == last_good_.end()) return fail(Errc::not_found, path.string() + ": not kept");
        return found->second;
    }

    [[nodiscard]] std::vector<std::filesystem::path>
    kept_of(const std::filesystem::path& folder) const {
        std::vector<std::filesystem::path> files;
        for (const auto& [name, text] : last_good_)
            if (const std::filesystem::path file(name);
                file.parent_path() == folder && file.extension() == ".toml")
                files.push_back(file);
        return files;
    }

    const CatalogTexts& last_good_;
    Loader loader_;
    LenientCatalog found_;
};

} // namespace

Result<LenientCatalog> load_catalog_leniently(std::span<const std::filesystem::path> folders,
                                              const CatalogTexts& last_good) {
    LenientLoader loader(last_good);
    for (std::size_t i = 0; i < folders.size(); ++i)
        if (auto ok = loader.add_folder(folders[i], i == 0); !ok) return tl::unexpected(ok.error());
    return loader.finish();
}

} // namespace sweepgate
