// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/keys_command.hpp"

#include <filesystem>

#include <fmt/format.h>

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
    told = fmt::format("{} made; add this line to the controller's authorized_keys:\n{}\n", path,
                       line);
    return {};
}

} // namespace sweepgate::cli
