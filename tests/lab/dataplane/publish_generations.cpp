// SPDX-License-Identifier: Apache-2.0
// lab_publish_generations FOLDER COUNT REJECTED DROPPED...: publishes generations 2..COUNT+1 on
// ipc://FOLDER/updates and requests, signed with FOLDER/key, each after the gate has acknowledged
// the one before. Exits 0 when all were acknowledged without an error.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "controlplane/wire/envelope.hpp"
#include "controlplane/wire/keys.hpp"
#include "controlplane/wire/publisher.hpp"
#include "tests/lab/dataplane/lab_policy.hpp"

using namespace sweepgate;

namespace {

constexpr std::uint32_t kFiller = 2000;

Status wait_for(const std::atomic<Generation>& acknowledged, Generation wanted) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (acknowledged != wanted) {
        if (std::chrono::steady_clock::now() > deadline)
            return fail(Errc::unavailable,
                        "generation " + std::to_string(wanted) + " is not acknowledged");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return {};
}

Status publish(const std::string& folder, Generation last, const lab::Policy& policy) {
    const auto key = wire::load_signing_key(folder + "/key");
    if (!key) return tl::unexpected(key.error());
    std::atomic<Generation> acknowledged{0};
    wire::PublisherOptions options;
    options.updates = {"ipc://" + folder + "/updates"};
    options.requests = {"ipc://" + folder + "/requests"};
    wire::PublisherHandlers handlers;
    handlers.on_acknowledgement = [&](const wire::Peer&, const Acknowledgement& acknowledgement) {
        if (acknowledgement.error.empty()) acknowledged = acknowledgement.generation;
    };
    auto publisher = wire::Publisher::start(options, handlers);
    if (!publisher) return tl::unexpected(publisher.error());
    for (Generation generation = 2; generation <= last; ++generation) {
        const auto snapshot = lab::make_snapshot(policy, generation, kFiller);
        if (!snapshot) return tl::unexpected(snapshot.error());
        auto sealed = wire::seal_snapshot(*snapshot, *key);
        if (!sealed) return tl::unexpected(sealed.error());
        (*publisher)->publish({generation, digest_of(*snapshot), std::move(*sealed), {}});
        if (auto ok = wait_for(acknowledged, generation); !ok) return ok;
    }
    return {};
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 5) return 2;
    const auto policy = lab::read_policy(argc - 3, argv + 3);
    const auto last = static_cast<Generation>(std::strtoul(argv[2], nullptr, 10) + 1);
    const auto ok = policy ? publish(argv[1], last, *policy) : tl::unexpected(policy.error());
    if (!ok) std::fprintf(stderr, "%s\n", ok.error().what.c_str());
    return ok ? 0 : 1;
}
