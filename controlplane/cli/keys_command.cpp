// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/keys_command.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "controlplane/cli/connection.hpp"
#include "controlplane/cli/signing_keys.hpp"
#include "controlplane/cli/source_lines.hpp"
#include "controlplane/cli/table.hpp"
#include "controlplane/config/document.hpp"
#include "controlplane/wire/keys.hpp"
#include "controlplane/wire/store.hpp"

namespace sweepgate::cli {

namespace {

constexpr std::string_view kAuthorizedHeader =
    "# Who may connect over tcp://, one a line: role, name, public key.\n"
    "# Roles: gate, relay, viewer, admin. `sweepgate keys client` prints the line to add.\n";

/// Runs `make` unless `path` exists.
template <typename Make>
Status make_once(const std::filesystem::path& path, std::string& told, Make make) {
    if (std::filesystem::exists(path)) {
        told += path.string() + ": kept\n";
        return {};
    }
    if (auto ok = make(path); !ok) return ok;
    told += path.string() + ": made\n";
    return {};
}

} // namespace

Status make_site_keys(const std::string& folder, std::string& told) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return fail(Errc::io, folder + ": " + error.message());
    const std::filesystem::path base(folder);
    auto ok = make_once(base / "signing.key", told, [](const auto& path) {
        return wire::save(wire::SigningKey::generate(), path);
    });
    if (!ok) return ok;
    ok = make_once(base / "controller.curve", told,
                   [](const auto& path) { return wire::save(wire::generate_curve_keys(), path); });
    if (!ok) return ok;
    return make_once(base / "authorized_keys", told,
                     [](const auto& path) { return wire::save(path, kAuthorizedHeader); });
}

Status make_client_key(const std::string& path, const std::string& role, const std::string& name,
                       std::string& told) {
    const auto keys = wire::generate_curve_keys();
    const auto line = fmt::format("{} {} {}", role, name, keys.public_key);
    // The parser that will read the line judges role and name.
    if (auto valid = wire::AuthorizedKeys::parse(line, "the new line"); !valid)
        return tl::unexpected(valid.error());
    if (auto ok = wire::save(keys, path); !ok) return ok;
    // A key holds no quote, but nearly every other character that a shell takes for its own.
    told = fmt::format("{} made, fingerprint {}; on the controller:\n"
                       "printf '%s\\n' '{}' >> {}\n",
                       path, wire::fingerprint(keys.public_key), line, kAuthorizedKeys);
    return {};
}

namespace {

constexpr std::size_t kMaxList = std::size_t{1} << 20U;
constexpr std::string_view kSince = "# since "; // a comment behind the key, and the day
constexpr const char* kReload = "systemctl reload sweepgated puts it in force\n";

/// The list as text, judged. Errors: those of AuthorizedKeys.
Result<std::string> read_list(const std::string& list) {
    auto text = config::read_file(list, kMaxList);
    if (!text) return text;
    if (auto keys = wire::AuthorizedKeys::parse(*text, list); !keys)
        return tl::unexpected(keys.error());
    return text;
}

} // namespace

Status authorize_key(const std::string& list, const std::string& path, const std::string& role,
                     const std::string& name, std::string& told) {
    const auto key = wire::load_curve_public_key(path);
    if (!key) return tl::unexpected(key.error());
    auto text = read_list(list);
    if (!text) return tl::unexpected(text.error());
    if (!text->empty() && !text->ends_with('\n')) *text += '\n';
    const auto line = fmt::format("{} {} {} {}{:%Y-%m-%d}\n", role, name, *key, kSince,
                                  fmt::gmtime(std::time(nullptr)));
    if (auto valid = wire::AuthorizedKeys::parse(line, "the new line"); !valid)
        return tl::unexpected(valid.error());
    if (auto valid = wire::AuthorizedKeys::parse(*text + line, list); !valid)
        return fail(Errc::conflict, valid.error().what);
    if (auto ok = wire::save(list, *text + line); !ok) return ok;
    told = fmt::format("{} {} ({}) is authorized in {}; {}", role, name, wire::fingerprint(*key),
                       list, kReload);
    return {};
}

Status revoke_key(const std::string& list, const std::string& whom, std::string& told) {
    const auto text = read_list(list);
    if (!text) return tl::unexpected(text.error());
    std::string kept;
    std::size_t gone = 0;
    for (std::size_t begin = 0; begin < text->size();) {
        const auto end = std::min(text->find('\n', begin), text->size() - 1) + 1;
        const auto line = text->substr(begin, end - begin);
        begin = end;
        const auto keys = wire::AuthorizedKeys::parse(line, list);
        const bool is_it =
            keys && keys->size() == 1 &&
            (keys->all().begin()->second.name == whom || keys->all().begin()->first == whom ||
             wire::fingerprint(keys->all().begin()->first) == whom);
        if (!is_it) kept += line;
        if (is_it) ++gone;
    }
    if (gone == 0) return fail(Errc::not_found, list + ": nobody is called '" + whom + "'");
    if (auto ok = wire::save(list, kept); !ok) return ok;
    told = fmt::format("{} key{} of {} revoked in {}; {}", gone, gone == 1 ? "" : "s", whom, list,
                       kReload);
    return {};
}

Status list_keys(const std::string& list, std::string& told) {
    const auto text = read_list(list);
    if (!text) return tl::unexpected(text.error());
    const auto keys = wire::AuthorizedKeys::parse(*text, list);
    if (!keys) return tl::unexpected(keys.error());
    Table table({"ROLE", "NAME", "FINGERPRINT", "SINCE"});
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
        const auto one = wire::AuthorizedKeys::parse(line, list);
        if (!one || one->size() != 1) continue;
        const auto& [key, entry] = *one->all().begin();
        const auto since = line.find(kSince);
        table.add({std::string(to_string(entry.role)), entry.name, wire::fingerprint(key),
                   since == std::string::npos ? "" : line.substr(since + kSince.size(), 10)});
    }
    std::ostringstream out;
    if (table.empty())
        out << "nobody may connect over tcp:// by " << list << '\n';
    else
        table.print(out);
    told = out.str();
    return {};
}

int tell_of_keys(const Status& status, const std::string& told) {
    std::cout << told;
    if (status) return kOk;
    std::cerr << told_with_lines(status.error().what, Sources::files);
    return kRefused;
}

namespace {

struct KeysChoice {
    std::string path;
    std::string role = "gate";
    std::string name;
    std::string list = kAuthorizedKeys;
};

void add_role(CLI::App& command, KeysChoice& choice) {
    command.add_option("--role", choice.role, "gate, relay, viewer or admin")
        ->type_name("ROLE")
        ->check(CLI::IsMember({"gate", "relay", "viewer", "admin"}))
        ->capture_default_str();
    command.add_option("--name", choice.name, "of the appliance or person")
        ->type_name("NAME")
        ->required();
}

using Work = std::function<Status(const KeysChoice&, std::string&)>;

CLI::App* add(CLI::App& keys, const char* name, const char* text,
              const std::shared_ptr<KeysChoice>& choice, int& exit_status, const Work& work) {
    auto* command = keys.add_subcommand(name, text);
    command->callback([choice, &exit_status, work] {
        std::string told;
        const auto status = work(*choice, told);
        exit_status = tell_of_keys(status, told);
    });
    return command;
}

void add_making(CLI::App& keys, const std::shared_ptr<KeysChoice>& choice, int& exit_status) {
    auto* site = add(keys, "new", "what a controller needs, into a folder", choice, exit_status,
                     [](const KeysChoice& asked, std::string& told) {
                         return make_site_keys(asked.path, told);
                     });
    site->add_option("folder", choice->path)->required();
    auto* client = add(keys, "client", "a pair for a gate, relay, viewer or admin", choice,
                       exit_status, [](const KeysChoice& asked, std::string& told) {
                           return make_client_key(asked.path, asked.role, asked.name, told);
                       });
    client->add_option("file", choice->path)->required();
    add_role(*client, *choice);
}

void add_list(CLI::App& command, KeysChoice& choice) {
    command.add_option("--file", choice.list, "the controller's authorized_keys")
        ->type_name("FILE")
        ->capture_default_str();
}

void add_list_commands(CLI::App& keys, const std::shared_ptr<KeysChoice>& choice,
                       int& exit_status) {
    auto* authorize =
        add(keys, "authorize", "let the owner of a public key connect", choice, exit_status,
            [](const KeysChoice& asked, std::string& told) {
                return authorize_key(asked.list, asked.path, asked.role, asked.name, told);
            });
    authorize->add_option("public_key", choice->path, "its .pub file")->required();
    add_role(*authorize, *choice);
    add_list(*authorize, *choice);
    auto* show =
        add(keys, "list", "who may connect over tcp://", choice, exit_status,
            [](const KeysChoice& asked, std::string& told) { return list_keys(asked.list, told); });
    add_list(*show, *choice);
    auto* revoke = add(keys, "revoke", "let somebody connect no longer", choice, exit_status,
                       [](const KeysChoice& asked, std::string& told) {
                           return revoke_key(asked.list, asked.name, told);
                       });
    revoke->add_option("whom", choice->name, "name or fingerprint")->required();
    add_list(*revoke, *choice);
}

} // namespace

void add_keys(CLI::App& app, int& exit_status) {
    const auto choice = std::make_shared<KeysChoice>();
    auto* keys = app.add_subcommand("keys", "make keys on the machine that uses them, and say who "
                                            "may connect");
    keys->require_subcommand(1);
    add_making(*keys, choice, exit_status);
    add_list_commands(*keys, choice, exit_status);
    add_signing_keys(*keys, exit_status);
}

} // namespace sweepgate::cli
