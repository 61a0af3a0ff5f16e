// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/signing_keys.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "controlplane/cli/connection.hpp"
#include "controlplane/cli/keys_command.hpp"
#include "controlplane/cli/table.hpp"
#include "controlplane/model/regular_file.hpp"
#include "controlplane/wire/store.hpp"
#include "controlplane/wire/trust_list.hpp"

namespace sweepgate::cli {

namespace {

namespace fs = std::filesystem;
using wire::SigningKey;
using wire::TrustedKeys;
using wire::TrustList;
using wire::VerifyKey;

constexpr std::size_t kMaxFile = 64 * 1024;
constexpr const char* kReloadNow = "systemctl reload sweepgated puts it in force\n";

struct Places {
    fs::path folder;

    [[nodiscard]] fs::path key() const { return folder / "signing.key"; }
    [[nodiscard]] fs::path next() const { return folder / "signing.key.next"; }
    [[nodiscard]] fs::path anchor() const { return folder / "signing.key.pub"; }
    [[nodiscard]] fs::path list() const { return folder / "trust"; }
    [[nodiscard]] fs::path waiting() const { return folder / "trust.new"; }
    [[nodiscard]] fs::path was(const VerifyKey& key) const {
        return folder / ("signing.key." + fingerprint(key));
    }
};

/// What is in force.
struct Standing {
    SigningKey key;
    TrustedKeys anchor;
    std::string text; // of the list; empty: there is none
    TrustList list;
};

bool has(const std::vector<VerifyKey>& keys, const VerifyKey& key) {
    return std::ranges::find(keys, key) != keys.end();
}

Result<Standing> read_standing(const Places& places) {
    auto key = wire::load_signing_key(places.key());
    if (!key) return tl::unexpected(key.error());
    auto anchor = wire::load_anchor(places.anchor());
    if (!anchor) return tl::unexpected(anchor.error());
    Standing standing{std::move(*key), std::move(*anchor), {}, {}};
    standing.list.signing = standing.anchor.keys;
    if (!fs::exists(places.list())) return standing;
    auto text = read_regular_file(places.list(), wire::kMaxTrustBytes);
    if (!text) return tl::unexpected(text.error());
    auto list = wire::open_trust_list(*text, standing.anchor);
    if (!list) return within(places.list().string(), list.error());
    standing.text = std::move(*text);
    standing.list = std::move(*list);
    return standing;
}

/// The daemon reads it: its owner is the signing key's.
Status give(const fs::path& path, const fs::path& like, unsigned mode) {
    struct stat status {};
    if (::stat(like.c_str(), &status) != 0)
        return fail(Errc::io, like.string() + ": " + errno_text(errno));
    if (::geteuid() == 0 && ::lchown(path.c_str(), status.st_uid, status.st_gid) != 0)
        return fail(Errc::io, "chown " + path.string() + ": " + errno_text(errno));
    if (::chmod(path.c_str(), mode) != 0)
        return fail(Errc::io, "chmod " + path.string() + ": " + errno_text(errno));
    return {};
}

/// Secrets of before, retired ones too: a box whose file has only the first of them goes by what
/// that one has signed.
std::vector<SigningKey> former_keys(const Places& places) {
    std::vector<SigningKey> keys;
    std::error_code ignored;
    for (const auto& file : fs::directory_iterator(places.folder, ignored)) {
        const auto name = file.path().filename().string();
        if (!name.starts_with("signing.key.") || name.ends_with(".pub")) continue;
        if (auto key = wire::load_signing_key(file.path())) keys.push_back(std::move(*key));
    }
    return keys;
}

Result<std::string> signed_by(std::string text, const std::vector<SigningKey>& keys) {
    for (const auto& key : keys) {
        auto longer = wire::countersign(text, key);
        if (!longer && longer.error().code != Errc::conflict) return longer;
        if (longer) text = std::move(*longer);
    }
    return text;
}

/// Whoever may sign it and is at hand has signed it.
Result<std::string> sign_new(const Places& places, const Standing& standing, const TrustList& list,
                             const std::vector<fs::path>& roots) {
    auto text = wire::to_text(list);
    if (!text) return text;
    std::vector<SigningKey> signers;
    for (const auto& path : roots) {
        auto root = wire::load_root_key(path);
        if (!root) return tl::unexpected(root.error());
        if (!has(standing.anchor.roots, root->verify_key()))
            return fail(Errc::refused, path.string() + ": not one of the root keys of " +
                                           places.anchor().string());
        signers.push_back(std::move(*root));
    }
    if (standing.anchor.roots.empty()) {
        signers = former_keys(places);
        signers.push_back(standing.key);
    }
    return signed_by(std::move(*text), signers);
}

std::string waits(const Places& places, const Standing& standing, const Error& why) {
    return fmt::format("{}\n{} waits for its signatures: take it to where each root key is, "
                       "`sweepgate keys sign {} --root FILE`, {} of {}; then `sweepgate keys "
                       "install {}` here. Nothing has changed so far.\n",
                       why.what, places.waiting().string(), places.waiting().filename().string(),
                       standing.anchor.threshold, standing.anchor.roots.size(),
                       places.waiting().string());
}

/// Into trust.new and, where enough have signed, in force.
Status propose(const Places& places, const Standing& standing, const TrustList& list,
               const std::vector<fs::path>& roots, std::string& told) {
    auto text = sign_new(places, standing, list, roots);
    if (!text) return tl::unexpected(text.error());
    if (auto ok = wire::save(places.waiting(), *text); !ok) return ok;
    if (auto ok = give(places.waiting(), places.key(), 0644); !ok) return ok;
    if (auto opened = wire::open_trust_list(*text, standing.anchor); !opened) {
        told += waits(places, standing, opened.error());
        return {};
    }
    return install_list(places.folder, places.waiting(), told);
}

/// The key that is to sign next; one that waits since an earlier try is used.
Result<VerifyKey> make_next(const Places& places) {
    if (fs::exists(places.next())) {
        auto waiting = wire::load_signing_key(places.next());
        if (!waiting) return tl::unexpected(waiting.error());
        return waiting->verify_key();
    }
    const auto fresh = SigningKey::generate();
    if (auto ok = wire::save(fresh, places.next()); !ok) return tl::unexpected(ok.error());
    std::error_code ignored;
    fs::remove(places.next().string() + ".pub", ignored); // it gets into signing.key.pub
    if (auto ok = give(places.next(), places.key(), 0600); !ok) return tl::unexpected(ok.error());
    return fresh.verify_key();
}

Instant today() {
    return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
}

/// signing.key.pub with `added` in front and without what the list retires; other lines stay.
Status rewrite_anchor(const Places& places, const std::optional<VerifyKey>& added,
                      const TrustList& list) {
    const auto text = read_regular_file(places.anchor(), kMaxFile);
    if (!text) return tl::unexpected(text.error());
    std::vector<std::string> gone;
    for (const auto& key : list.retired) gone.push_back(wire::to_line(key));
    std::string lines;
    if (added) gone.push_back(wire::to_line(*added)); // not twice
    if (added) lines = wire::to_line(*added) + "\n";
    std::istringstream in(*text);
    for (std::string line; std::getline(in, line);)
        if (std::ranges::find(gone, line) == gone.end()) lines += line + "\n";
    return lines == *text ? Status{} : wire::save(places.anchor(), lines);
}

/// signing.key is there at every moment, and what it was stays beside it.
Status switch_keys(const Places& places, const SigningKey& current) {
    const auto kept = places.was(current.verify_key());
    if (::link(places.key().c_str(), kept.c_str()) != 0 && errno != EEXIST)
        return fail(Errc::io, "link " + kept.string() + ": " + errno_text(errno));
    if (::rename(places.next().c_str(), places.key().c_str()) != 0)
        return fail(Errc::io, "rename to " + places.key().string() + ": " + errno_text(errno));
    return {};
}

} // namespace

Status make_root_key(const fs::path& path, std::string& told) {
    const auto key = SigningKey::generate();
    if (auto ok = wire::save_root(key, path); !ok) return ok;
    told = fmt::format("{} made, fingerprint {}; keep it where no network is. Boxes and the "
                       "controller trust it by the line in {}.pub, which belongs into their "
                       "signing.key.pub (verify_key)\n",
                       path.string(), fingerprint(key.verify_key()), path.string());
    return {};
}

Status rotate_signing_key(const SigningChange& change, std::string& told) {
    const Places places{change.folder};
    auto standing = read_standing(places);
    if (!standing) return tl::unexpected(standing.error());
    const auto next = make_next(places);
    if (!next) return tl::unexpected(next.error());
    auto list = standing->list;
    ++list.version;
    list.issued = today();
    for (const auto& key : {standing->key.verify_key(), *next})
        if (!list.lists(key)) list.signing.push_back(key);
    return propose(places, *standing, list, change.roots, told);
}

Status revoke_signing_key(const SigningChange& change, const std::string& whom, std::string& told) {
    const Places places{change.folder};
    auto standing = read_standing(places);
    if (!standing) return tl::unexpected(standing.error());
    auto list = standing->list;
    const auto found = std::ranges::find_if(
        list.signing, [&](const VerifyKey& key) { return fingerprint(key) == whom; });
    if (found == list.signing.end())
        return fail(Errc::not_found, "no signing key has the fingerprint '" + whom +
                                         "'; `sweepgate keys signing` lists them");
    const auto key = *found;
    list.signing.erase(found);
    list.retired.push_back(key);
    ++list.version;
    ++list.epoch;
    list.issued = today();
    if (key == standing->key.verify_key()) {
        const auto next = make_next(places);
        if (!next) return tl::unexpected(next.error());
        if (!list.lists(*next)) list.signing.push_back(*next);
    }
    if (standing->anchor.roots.empty())
        told += "There is no root key: whoever has the key signs such lists too. If it was "
                "stolen, replace the line in the verify_key file of every box.\n";
    return propose(places, *standing, list, change.roots, told);
}

Status sign_list(const fs::path& list, const fs::path& root, std::string& told) {
    const auto text = read_regular_file(list, wire::kMaxTrustBytes);
    if (!text) return tl::unexpected(text.error());
    const auto parsed = wire::parse_trust_list(*text);
    if (!parsed) return within(list.string(), parsed.error());
    const auto key = wire::load_root_key(root);
    if (!key) return tl::unexpected(key.error());
    const auto longer = wire::countersign(*text, *key);
    if (!longer) return within(list.string(), longer.error());
    if (auto ok = wire::save(list, *longer); !ok) return ok;
    told = fmt::format("{}: version {} signed with {}: {} signing key(s), {} retired\n",
                       list.string(), parsed->version, fingerprint(key->verify_key()),
                       parsed->signing.size(), parsed->retired.size());
    return {};
}

Status install_list(const fs::path& folder, const fs::path& path, std::string& told) {
    const Places places{folder};
    const auto standing = read_standing(places);
    if (!standing) return tl::unexpected(standing.error());
    const auto text = read_regular_file(path, wire::kMaxTrustBytes);
    if (!text) return tl::unexpected(text.error());
    const auto list = wire::open_trust_list(*text, standing->anchor);
    if (!list) return within(path.string(), list.error());
    if (*text != standing->text && list->version <= standing->list.version)
        return fail(Errc::conflict, fmt::format("{}: version {}, but {} is in force", path.string(),
                                                list->version, standing->list.version));
    const auto current = standing->key.verify_key();
    std::optional<VerifyKey> next;
    if (fs::exists(places.next())) {
        const auto waiting = wire::load_signing_key(places.next());
        if (!waiting) return tl::unexpected(waiting.error());
        if (list->lists(waiting->verify_key())) next = waiting->verify_key();
    }
    if (!next && !list->lists(current))
        return fail(Errc::conflict,
                    fmt::format("{}: does not list {}, which is in use, and no key "
                                "of it waits in {}",
                                path.string(), fingerprint(current), places.next().string()));
    if (auto ok = rewrite_anchor(places, next, *list); !ok) return ok;
    if (auto ok = wire::save(places.list(), *text); !ok) return ok;
    if (auto ok = give(places.list(), places.key(), 0644); !ok) return ok;
    if (next)
        if (auto ok = switch_keys(places, standing->key); !ok) return ok;
    std::error_code ignored;
    if (path == places.waiting()) fs::remove(path, ignored);
    told += fmt::format("version {} of the list of signing keys, epoch {}; ", list->version,
                        list->epoch);
    if (next)
        told += fmt::format("{} signs from now on{}; ", fingerprint(*next),
                            list->lists(current) ? ", and " + fingerprint(current) +
                                                       " is good until `sweepgate "
                                                       "keys revoke-signing` has it"
                                                 : "");
    told += kReloadNow;
    return {};
}

Status list_signing_keys(const fs::path& folder, std::string& told) {
    const Places places{folder};
    const auto standing = read_standing(places);
    if (!standing) return tl::unexpected(standing.error());
    Table table({"KIND", "FINGERPRINT", "STATE"});
    const auto current = standing->key.verify_key();
    for (const auto& key : standing->list.signing)
        table.add({"signing", fingerprint(key), key == current ? "in use" : "good"});
    if (!standing->list.lists(current)) table.add({"signing", fingerprint(current), "not listed"});
    for (const auto& key : standing->list.retired)
        table.add({"signing", fingerprint(key), "retired"});
    for (const auto& key : standing->anchor.roots)
        table.add({"root", fingerprint(key),
                   fmt::format("{} of {} sign a list", standing->anchor.threshold,
                               standing->anchor.roots.size())});
    std::ostringstream out;
    table.print(out);
    told = out.str();
    return {};
}

namespace {

struct Choice {
    std::string folder = fs::path(kAuthorizedKeys).parent_path().string();
    std::vector<std::string> roots;
    std::string what;
    std::string path;

    [[nodiscard]] SigningChange change() const { return {folder, {roots.begin(), roots.end()}}; }
};

using Chosen = std::shared_ptr<Choice>;
using Work = std::function<Status(const Choice&, std::string&)>;

CLI::App* add(CLI::App& keys, const char* name, const char* text, const Chosen& choice,
              int& exit_status, const Work& work) {
    auto* command = keys.add_subcommand(name, text);
    command->callback([choice, &exit_status, work] {
        std::string told;
        const auto status = work(*choice, told);
        exit_status = tell_of_keys(status, told);
    });
    return command;
}

void add_folder(CLI::App& command, Choice& choice) {
    command.add_option("--folder", choice.folder, "the controller's keys")
        ->type_name("FOLDER")
        ->capture_default_str();
}

void add_roots(CLI::App& command, Choice& choice) {
    command.add_option("--root", choice.roots, "secret root keys at hand")->type_name("FILE");
}

} // namespace

void add_signing_keys(CLI::App& keys, int& exit_status) {
    const auto choice = std::make_shared<Choice>();
    auto* root = add(
        keys, "root", "a pair that vouches for signing keys; keep it offline", choice, exit_status,
        [](const Choice& asked, std::string& told) { return make_root_key(asked.path, told); });
    root->add_option("file", choice->path)->required();
    auto* rotate = add(keys, "rotate", "replace the key that signs, both valid meanwhile", choice,
                       exit_status, [](const Choice& asked, std::string& told) {
                           return rotate_signing_key(asked.change(), told);
                       });
    rotate->add_option("which", choice->what, "signing")
        ->check(CLI::IsMember({"signing"}))
        ->required();
    add_folder(*rotate, *choice);
    add_roots(*rotate, *choice);
    auto* revoke = add(keys, "revoke-signing", "refuse what a signing key signed and signs", choice,
                       exit_status, [](const Choice& asked, std::string& told) {
                           return revoke_signing_key(asked.change(), asked.what, told);
                       });
    revoke->add_option("fingerprint", choice->what)->required();
    add_folder(*revoke, *choice);
    add_roots(*revoke, *choice);
    auto* sign = add(keys, "sign", "sign a list of signing keys, where the root key is", choice,
                     exit_status, [](const Choice& asked, std::string& told) {
                         return sign_list(asked.path, asked.roots.front(), told);
                     });
    sign->add_option("list", choice->path)->required();
    sign->add_option("--root", choice->roots, "the secret root key")
        ->type_name("FILE")
        ->expected(1)
        ->required();
    auto* install = add(keys, "install", "put a signed list of signing keys in force", choice,
                        exit_status, [](const Choice& asked, std::string& told) {
                            return install_list(asked.folder, asked.path, told);
                        });
    install->add_option("list", choice->path)->required();
    add_folder(*install, *choice);
    auto* show = add(keys, "signing", "which keys sign, and which no longer", choice, exit_status,
                     [](const Choice& asked, std::string& told) {
                         return list_signing_keys(asked.folder, told);
                     });
    add_folder(*show, *choice);
}

} // namespace sweepgate::cli
