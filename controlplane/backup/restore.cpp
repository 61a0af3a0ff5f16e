// SPDX-License-Identifier: Apache-2.0
#include "controlplane/backup/restore.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "controlplane/backup/archive.hpp"
#include "controlplane/backup/staging.hpp"
#include "controlplane/controller/restored.hpp"
#include "controlplane/wire/store.hpp"

namespace sweepgate::backup {

namespace {

namespace fs = std::filesystem;

constexpr const char* kControllerUser = "sweepgate-controller";
constexpr std::size_t kMostConfig = std::size_t{1} << 20U;

/// What a first reading keeps.
struct Contents {
    std::vector<Member> members; // but the manifest
    std::string config;
    std::string manifest;
};

Result<Contents> look_through(EnvelopeReader& reader) {
    Contents contents;
    std::string* kept = nullptr;
    const Visitor visitor{
        [&](const std::string& name, std::uint64_t size) -> Status {
            kept = name == kManifest       ? &contents.manifest
                   : name == kConfigMember ? &contents.config
                                           : nullptr;
            if (size > (name == kManifest ? kMostManifest : kMostConfig) && kept != nullptr)
                return fail(Errc::bad_input, name + ": is larger than any");
            return {};
        },
        [&](std::span<const std::uint8_t> bytes) -> Status {
            if (kept != nullptr)
                kept->append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
            return {};
        },
        [&](const Member& member) -> Status {
            if (member.name != kManifest) contents.members.push_back(member);
            return {};
        }};
    if (auto ok = read_archive(reader, visitor); !ok) return tl::unexpected(ok.error());
    return contents;
}

/// Whose the state folder is now; that user of the package; else ours.
Owner owner_of(const fs::path& state) {
    struct stat there {};
    if (::stat(state.c_str(), &there) == 0) return {there.st_uid, there.st_gid};
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> room{};
    if (::getpwnam_r(kControllerUser, &entry, room.data(), room.size(), &found) == 0 &&
        found != nullptr)
        return {entry.pw_uid, entry.pw_gid};
    return {::geteuid(), ::getegid()};
}

Instant now() {
    return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
}

/// "2026-11-22T10:00:00Z" without what a file's name should not have.
std::string tail_of(Instant instant) {
    auto text = controller::time_text(instant);
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return ".before-" + text;
}

} // namespace

Verified::Verified(EnvelopeReader reader, Manifest manifest, controller::Config config,
                   std::vector<Place> places)
    : reader_(std::move(reader)), manifest_(std::move(manifest)), config_(std::move(config)),
      places_(std::move(places)) {}

Result<Verified> Verified::open(const fs::path& file, const fs::path& config_file,
                                const std::function<Result<std::string>()>& passphrase) {
    auto reader = EnvelopeReader::open(file, passphrase);
    if (!reader) return tl::unexpected(reader.error());
    const auto inside = [&](const Error& error) {
        return error.what.starts_with(file.string()) ? tl::unexpected(error)
                                                     : within(file.string(), error);
    };
    const auto contents = look_through(*reader);
    if (!contents) return inside(contents.error());
    if (contents->manifest.empty())
        return inside({Errc::bad_input, std::string(kManifest) + ": is missing"});
    auto manifest = parse_manifest(contents->manifest);
    if (!manifest) return inside(manifest.error());
    if (auto ok = check_against(*manifest, contents->members); !ok) return inside(ok.error());
    auto config = controller::parse_config(contents->config, std::string(kConfigMember));
    if (!config || contents->config.empty())
        return inside(config ? Error{Errc::bad_input, std::string(kConfigMember) + ": is missing"}
                             : config.error());
    auto places = places_of(*config, config_file);
    for (const auto& member : contents->members) {
        const auto found = find_place(places, member.name);
        if (found.place == nullptr)
            return inside({Errc::bad_input, member.name + ": is no file of a controller"});
        if (found.place->is_key && !reader->sealed())
            return inside(
                {Errc::bad_input, member.name + ": a key in a backup that is not encrypted"});
    }
    Verified verified(std::move(*reader), std::move(*manifest), std::move(*config),
                      std::move(places));
    const auto targets = verified.targets();
    if (auto ok = check_targets(targets); !ok) return inside(ok.error());
    if (targets.empty() || targets.back() != &verified.places_.back())
        return inside({Errc::bad_input, "has nothing of a state folder"});
    return verified;
}

std::vector<const Place*> Verified::targets() const {
    std::vector<const Place*> used;
    for (const auto& place : places_)
        if (std::ranges::any_of(manifest_.files, [&](const Member& member) {
                return find_place(places_, member.name).place == &place;
            }))
            used.push_back(&place);
    return used;
}

std::vector<const Place*> Verified::keys_not_in_it() const {
    std::vector<const Place*> missing;
    for (const auto& place : places_)
        if (place.is_key && place.of_controller && !place.is_optional &&
            std::ranges::none_of(manifest_.files,
                                 [&](const Member& member) { return member.name == place.name; }))
            missing.push_back(&place);
    return missing;
}

Result<Verified::Outcome> Verified::restore() {
    // Held until the names are changed: no controller starts meanwhile.
    std::vector<wire::StateFolder> held;
    std::vector<fs::path> states{config_.state};
    const auto config_file = places_.front().path;
    if (const auto there = controller::load_config(config_file);
        there && there->state != config_.state)
        states.push_back(there->state);
    for (const auto& state : states) {
        std::error_code error;
        if (!fs::is_directory(state, error)) continue;
        auto folder = wire::StateFolder::open(state);
        if (!folder && folder.error().code == Errc::conflict)
            return fail(Errc::conflict, folder.error().what + "; stop sweepgated first");
        if (!folder) return tl::unexpected(folder.error());
        held.push_back(std::move(*folder));
    }
    Staging staging(owner_of(config_.state));
    std::vector<Member> written;
    bool is_listed = false; // the manifest itself goes nowhere
    const Visitor visitor{[&](const std::string& name, std::uint64_t) -> Status {
                              is_listed = name != kManifest;
                              if (!is_listed) return {};
                              const auto found = find_place(places_, name);
                              // Verified once, and the file may be another one by now.
                              if (found.place == nullptr)
                                  return fail(Errc::bad_input, name + ": was changed");
                              return staging.create(*found.place, found.path);
                          },
                          [&](std::span<const std::uint8_t> bytes) {
                              return is_listed ? staging.write(bytes) : Status{};
                          },
                          [&](const Member& member) -> Status {
                              if (!is_listed) return {};
                              written.push_back(member);
                              return staging.close();
                          }};
    if (auto ok = read_archive(reader_, visitor); !ok) return tl::unexpected(ok.error());
    if (auto ok = check_against(manifest_, written); !ok) return tl::unexpected(ok.error());
    const controller::Restored mark{manifest_.made, now(), manifest_.generation};
    const auto& state = places_.back();
    const auto mark_path = controller::restored_mark(state.path);
    const auto text = controller::to_text(mark);
    auto marked = staging.create(state, mark_path);
    if (marked)
        marked = staging.write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    if (marked) marked = staging.close();
    if (!marked) return tl::unexpected(marked.error());
    auto aside = staging.commit(tail_of(mark.restored));
    if (!aside) return tl::unexpected(aside.error());
    return Outcome{std::move(*aside)};
}

} // namespace sweepgate::backup
