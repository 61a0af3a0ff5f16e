// SPDX-License-Identifier: Apache-2.0
// lab_seal_snapshot FOLDER REJECTED DROPPED...: writes FOLDER/key, FOLDER/key.pub and
// FOLDER/snapshot, generation 1.
#include <cstdio>
#include <string>

#include "controlplane/wire/envelope.hpp"
#include "controlplane/wire/keys.hpp"
#include "controlplane/wire/store.hpp"
#include "tests/lab/dataplane/lab_policy.hpp"

using namespace sweepgate;

namespace {

/// Enough that loading takes a while in which a packet could get through.
constexpr std::uint32_t kFiller = 100'000;

Status write(const std::string& folder, const lab::Policy& policy) {
    const auto snapshot = lab::make_snapshot(policy, 1, kFiller);
    if (!snapshot) return tl::unexpected(snapshot.error());
    const auto key = wire::SigningKey::generate();
    if (auto ok = wire::save(key, folder + "/key"); !ok) return ok;
    const auto sealed = wire::seal_snapshot(*snapshot, key);
    if (!sealed) return tl::unexpected(sealed.error());
    return wire::save(folder + "/snapshot", *sealed);
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 4) return 2;
    const auto policy = lab::read_policy(argc - 2, argv + 2);
    const auto ok = policy ? write(argv[1], *policy) : tl::unexpected(policy.error());
    if (!ok) std::fprintf(stderr, "%s\n", ok.error().what.c_str());
    return ok ? 0 : 1;
}
