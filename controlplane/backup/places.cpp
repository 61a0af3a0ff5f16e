// SPDX-License-Identifier: Apache-2.0
#include "controlplane/backup/places.hpp"

#include <algorithm>

#include "controlplane/controller/restored.hpp"
#include "controlplane/controller/state_files.hpp"

namespace sweepgate::backup {

namespace {

bool is_inside(const std::filesystem::path& path, const std::filesystem::path& folder) {
    const auto [end, rest] = std::ranges::mismatch(folder, path);
    return end == folder.end();
}

} // namespace

std::vector<Place> places_of(const controller::Config& config,
                             const std::filesystem::path& config_file) {
    std::vector<Place> places{{std::string(kConfigMember), config_file},
                              {"config/policy.toml", config.policy}};
    if (!config.guard.observed.empty())
        places.push_back({"config/observed", config.guard.observed});
    for (std::size_t i = 0; i < config.catalog.size(); ++i)
        if (!is_inside(config.catalog[i].lexically_normal(), "/usr"))
            places.push_back({"catalog/" + std::to_string(i), config.catalog[i], true});
    places.push_back({"lists", config.lists, true});
    if (!config.publish.authorized_keys.empty())
        places.push_back(
            {"keys/authorized_keys", config.publish.authorized_keys, false, false, true});
    const auto add_pair = [&](const std::string& name, const std::filesystem::path& path) {
        if (path.empty()) return;
        places.push_back({"keys/" + name, path, false, true, true});
        places.push_back({"keys/" + name + ".pub", path.string() + ".pub", false, true});
    };
    add_pair("signing.key", config.signing_key);
    const auto keys = config.signing_key.parent_path();
    places.push_back(
        {"keys/signing.key.next", config.signing_key.string() + ".next", false, true, true, true});
    places.push_back({"keys/trust", keys / "trust", false, false, false, true});
    places.push_back({"keys/trust.new", keys / "trust.new", false, false, false, true});
    add_pair("controller.curve", config.publish.curve_key);
    places.push_back({"state", config.state, true, false, true});
    for (auto& place : places)
        place.path = std::filesystem::absolute(place.path).lexically_normal();
    for (auto& place : places) // "/a/b/" means "/a/b"
        if (!place.path.has_filename()) place.path = place.path.parent_path();
    return places;
}

Found find_place(const std::vector<Place>& places, std::string_view member) {
    for (const auto& place : places) {
        if (!place.is_folder && member == place.name) return {&place, place.path};
        if (place.is_folder && member.starts_with(place.name + "/"))
            return {&place, place.path / member.substr(place.name.size() + 1)};
    }
    return {};
}

Status check_targets(const std::vector<const Place*>& places) {
    for (const auto* place : places) {
        const auto depth = std::distance(place->path.begin(), place->path.end()); // "/" counts
        if (depth < (place->is_folder ? 3 : 2))
            return fail(Errc::bad_input, place->path.string() + " is no place for " + place->name);
        for (const auto* other : places)
            if (other != place && (is_inside(other->path, place->path)))
                return fail(Errc::bad_input, other->path.string() + " (" + other->name +
                                                 ") lies in " + place->path.string() + " (" +
                                                 place->name + ")");
    }
    return {};
}

bool is_passing(const std::string& file) {
    const auto has = [&](std::string_view tail) { return file.ends_with(tail); };
    if (file == "lock" || file == controller::restored_mark("").filename()) return true;
    if (file == controller::kAuditHead) return true; // of the database, which is copied otherwise
    if (file == controller::copies_folder("").filename()) return true;
    if (file.find(".damaged") != std::string::npos || has(".new")) return true;
    return std::ranges::any_of(controller::kDatabases, [&](const char* database) {
        return file.starts_with(database); // they are copied otherwise; their journals never
    });
}

} // namespace sweepgate::backup
