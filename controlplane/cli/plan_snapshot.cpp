// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/plan_snapshot.hpp"

#include <ostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "controlplane/wire/base64.hpp"
#include "controlplane/wire/store.hpp"

namespace sweepgate::cli {

namespace {

using nlohmann::json;

/// A text of the answer, or nothing where it is missing.
std::string text_of(const json& answer, const char* key) {
    const auto found = answer.find(key);
    return found != answer.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

Status write(const json& answer, const std::filesystem::path& path,
             const std::filesystem::path& key_path) {
    const auto key = text_of(answer, "key");
    const auto sealed = wire::from_base64(text_of(answer, "sealed"));
    if (!sealed || sealed->empty() || key.empty())
        return fail(Errc::bad_input, "the answer holds no snapshot");
    if (auto ok = wire::save(key_path, key + "\n"); !ok) return ok;
    if (auto ok = wire::save(path, *sealed); !ok) return ok;
    // What was written is what a replay will read.
    const auto keys = wire::load_verify_keys(key_path);
    if (!keys) return tl::unexpected(keys.error());
    const auto snapshot = wire::load_snapshot(path, *keys);
    return snapshot ? Status{} : tl::unexpected(snapshot.error());
}

} // namespace

Status save_planned(const Connection& connection, const std::string& policy,
                    const std::filesystem::path& path, bool json, std::ostream& out) {
    auto answer = ask(connection, "plan-snapshot", policy);
    if (!answer) return tl::unexpected(answer.error());
    if (!answer->is_object()) return fail(Errc::bad_input, "the answer holds no snapshot");
    const auto key_path = path.string() + ".pub";
    if (auto ok = write(*answer, path, key_path); !ok) return ok;
    answer->erase("sealed");
    (*answer)["snapshot"] = path.string();
    (*answer)["key"] = key_path;
    if (json) {
        out << answer->dump() << '\n';
        return {};
    }
    out << fmt::format(
        "planned snapshot in {}, its key in {}; no gate trusts that key\n"
        "try it: sweepgate-dataplane --replay CAPTURE --snapshot {} --verify-key {}\n",
        path.string(), key_path, path.string(), key_path);
    return {};
}

} // namespace sweepgate::cli
