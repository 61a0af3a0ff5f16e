// SPDX-License-Identifier: Apache-2.0
#include "controlplane/backup/backup.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "controlplane/backup/archive.hpp"
#include "controlplane/backup/database_copies.hpp"
#include "controlplane/model/text.hpp"
#include "controlplane/model/version.hpp"
#include "controlplane/wire/descriptor.hpp"
#include "controlplane/wire/envelope.hpp"

namespace sweepgate::backup {

namespace {

namespace fs = std::filesystem;

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? printable(name.data()) : "";
}

Instant now() {
    return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
}

class Packing {
public:
    explicit Packing(ArchiveWriter& archive, BackupOutcome& outcome)
        : archive_(archive), outcome_(outcome) {}

    Status add(const Place& place) {
        std::error_code error;
        if (!fs::exists(place.path, error)) {
            if (!place.is_optional) outcome_.absent.push_back(place);
            return {};
        }
        return place.is_folder ? add_folder(place) : add_file(place.name, place.path);
    }
    Status add_open(const std::string& name, int file) { return keep(archive_.add(name, file)); }

private:
    Status keep(Result<Member> added) {
        if (!added) return tl::unexpected(added.error());
        outcome_.manifest.files.push_back(std::move(*added));
        return {};
    }
    Status add_file(const std::string& name, const fs::path& path) {
        if (!is_member_name(name))
            return fail(Errc::bad_input,
                        printable(path.string()) + ": no backup can have that name");
        if (outcome_.manifest.files.size() + 1 >= kMostMembers)
            return fail(Errc::bad_input, path.string() + ": is one file more than a backup takes");
        const auto file = wire::open_to_read(path);
        // Whatever the controller throws away while we look is not missed.
        if (!file && file.error().code == Errc::not_found) return {};
        if (!file) return tl::unexpected(file.error());
        return add_open(name, file->get());
    }
    Status add_folder(const Place& place) {
        std::error_code error;
        std::vector<fs::path> files;
        fs::recursive_directory_iterator next(place.path, error);
        for (; !error && next != fs::recursive_directory_iterator(); next.increment(error)) {
            const auto status = next->symlink_status(error);
            if (place.name == "state" && next.depth() == 0 &&
                is_passing(next->path().filename().string())) {
                next.disable_recursion_pending();
                continue;
            }
            if (fs::is_directory(status)) continue;
            if (fs::is_regular_file(status))
                files.push_back(next->path());
            else
                outcome_.left_out.push_back(printable(next->path().string()));
        }
        if (error) return fail(Errc::io, place.path.string() + ": " + error.message());
        std::ranges::sort(files);
        for (const auto& file : files) {
            const auto name = place.name + "/" + file.lexically_relative(place.path).string();
            if (auto ok = add_file(name, file); !ok) return ok;
        }
        return {};
    }

    ArchiveWriter& archive_;
    BackupOutcome& outcome_;
};

Status pack(EnvelopeWriter& envelope, const BackupRequest& request,
            const controller::Config& config, BackupOutcome& outcome) {
    const auto places = places_of(config, request.config);
    std::vector<const Place*> all;
    for (const auto& place : places) all.push_back(&place);
    if (auto ok = check_targets(all); !ok) return ok; // it could not be restored
    const auto copies = take_copies(config);
    if (!copies) return tl::unexpected(copies.error());
    auto archive = ArchiveWriter::open(envelope);
    if (!archive) return tl::unexpected(archive.error());
    auto& manifest = outcome.manifest;
    manifest = {version_text(wire::kSchema),    now(), host_name(), copies->newest,
                request.passphrase.has_value(), {}};
    Packing packing(*archive, outcome);
    for (const auto& place : places) {
        if (place.is_key && !request.passphrase) {
            if (place.of_controller && !place.is_optional) outcome.keys_left_out.push_back(place);
            continue;
        }
        if (auto ok = packing.add(place); !ok) return ok;
    }
    for (const auto& [name, file] : copies->files)
        if (auto ok = packing.add_open("state/" + name, file.get()); !ok) return ok;
    if (auto added = archive->add(std::string(kManifest), to_text(manifest)); !added)
        return tl::unexpected(added.error());
    return archive->finish();
}

} // namespace

Result<BackupOutcome> make_backup(const BackupRequest& request) {
    const auto config = controller::load_config(request.config);
    if (!config) return tl::unexpected(config.error());
    auto envelope = EnvelopeWriter::create(request.file, request.passphrase, request.replace);
    if (!envelope) return tl::unexpected(envelope.error());
    BackupOutcome outcome;
    if (auto ok = pack(*envelope, request, *config, outcome); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = envelope->finish(); !ok) return tl::unexpected(ok.error());
    return outcome;
}

} // namespace sweepgate::backup
