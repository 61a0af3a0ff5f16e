// SPDX-License-Identifier: Apache-2.0
// lab_seal_snapshot FOLDER DROPPED REJECTED: writes FOLDER/key.pub and FOLDER/snapshot, signed, in
// which the prefix DROPPED belongs to "aim" (drop) and REJECTED to "irc" (reject).
#include <cstdio>
#include <string>

#include "controlplane/wire/envelope.hpp"
#include "controlplane/wire/keys.hpp"
#include "controlplane/wire/store.hpp"

using namespace sweepgate;

namespace {

Status write(const std::string& folder, const Prefix& dropped, const Prefix& rejected) {
    SnapshotParts parts;
    parts.systems = {{"aim", "AIM", "im", {}, {}}, {"irc", "IRC", "irc", {}, {}}};
    parts.groups = {{"everyone", {}}};
    parts.actions = {{Action::drop, Action::reject}};
    parts.listings = {{dropped, 0, Scope::exclusive}, {rejected, 1, Scope::exclusive}};
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto snapshot = build_snapshot(parts, 1, now, now + std::chrono::hours(1));
    if (!snapshot) return tl::unexpected(snapshot.error());
    const auto key = wire::SigningKey::generate();
    if (auto ok = wire::save(key, folder + "/key"); !ok) return ok;
    const auto sealed = wire::seal_snapshot(*snapshot, key);
    if (!sealed) return tl::unexpected(sealed.error());
    return wire::save(folder + "/snapshot", *sealed);
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const auto dropped = parse_prefix(argv[2]);
    const auto rejected = parse_prefix(argv[3]);
    if (!dropped || !rejected) return 2;
    const auto ok = write(argv[1], *dropped, *rejected);
    if (!ok) std::fprintf(stderr, "%s\n", ok.error().what.c_str());
    return ok ? 0 : 1;
}
