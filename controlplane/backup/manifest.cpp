// SPDX-License-Identifier: Apache-2.0
#include "controlplane/backup/manifest.hpp"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include "controlplane/model/text.hpp"

namespace sweepgate::backup {

using nlohmann::json;

namespace {

constexpr int kFormat = 1;

tl::unexpected<Error> damaged(const std::string& what) {
    return fail(Errc::bad_input, std::string(kManifest) + ": " + what);
}

// nlohmann::json throws for a missing key and a wrong type, which stops here.
Manifest read(const json& object) {
    Manifest manifest;
    manifest.program = printable(object.at("program").get<std::string>());
    const auto made = object.at("made").get<std::int64_t>();
    constexpr std::int64_t kMost = 253'402'300'799; // the year 9999
    manifest.made = Instant(std::chrono::seconds(std::clamp<std::int64_t>(made, 0, kMost)));
    manifest.host = printable(object.at("host").get<std::string>());
    manifest.generation = object.at("generation").get<Generation>();
    manifest.keys = object.at("keys").get<bool>();
    return manifest;
}

} // namespace

std::string to_text(const Manifest& manifest) {
    auto files = json::array();
    for (const auto& file : manifest.files)
        files.push_back({{"name", file.name}, {"size", file.size}, {"blake2b", to_hex(file.sum)}});
    return json{{"format", kFormat},
                {"program", manifest.program},
                {"made", manifest.made.time_since_epoch().count()},
                {"host", manifest.host},
                {"generation", manifest.generation},
                {"keys", manifest.keys},
                {"files", std::move(files)}}
               .dump(1, ' ', false, json::error_handler_t::replace) +
           "\n";
}

Result<Manifest> parse_manifest(std::string_view text) {
    const auto object = json::parse(text, nullptr, false);
    if (!object.is_object()) return damaged("is no list of files");
    try {
        if (object.at("format").get<int>() != kFormat)
            return damaged("format " + object.at("format").dump() + " is not known here");
        auto manifest = read(object);
        for (const auto& file : object.at("files")) {
            Member member{
                file.at("name").get<std::string>(), file.at("size").get<std::uint64_t>(), {}};
            const auto hex = file.at("blake2b").get<std::string>();
            for (std::size_t i = 0; i < member.sum.size() && hex.size() == 2 * member.sum.size();
                 ++i)
                member.sum[i] =
                    static_cast<std::uint8_t>(std::stoul(hex.substr(2 * i, 2), nullptr, 16));
            manifest.files.push_back(std::move(member));
        }
        return manifest;
    } catch (const std::exception& error) {
        return damaged(printable(error.what()));
    }
}

Status check_against(const Manifest& manifest, std::vector<Member> found) {
    auto listed = manifest.files;
    std::ranges::sort(listed, {}, &Member::name);
    std::ranges::sort(found, {}, &Member::name);
    for (std::size_t i = 0; i < std::max(listed.size(), found.size()); ++i) {
        if (i == found.size() || (i < listed.size() && listed[i].name < found[i].name))
            return fail(Errc::bad_input, printable(listed[i].name) + ": is listed and missing");
        if (i == listed.size() || found[i].name < listed[i].name)
            return fail(Errc::bad_input, found[i].name + ": is not listed");
        if (listed[i] != found[i])
            return fail(Errc::bad_input, found[i].name + ": was changed: its sum is another");
    }
    return {};
}

} // namespace sweepgate::backup
