// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/wire/fixture.hpp"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>

namespace sweepgate::wire::testing {

bool soon(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

Folder::Folder() {
    std::string name = "/tmp/sg-wire-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
}

Folder::~Folder() { std::filesystem::remove_all(path_); }

Snapshot snapshot_of(Generation generation, unsigned count) {
    SnapshotParts parts;
    parts.systems = {{"irc", "IRC", "irc", {{Transport::tcp, 6667, 6667}}, {"irc.example"}}};
    parts.groups = {{"everyone", {}}};
    parts.actions = {{Action::drop}};
    for (unsigned i = 0; i < count; ++i)
        parts.listings.push_back({host(ipv4(0x0A000000U + 2 * i)), 0, Scope::exclusive});
    parts.listings.push_back(
        {host(ipv4(0xCB007100U + static_cast<unsigned>(generation % 200))), 0, Scope::exclusive});
    const Instant now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return build_snapshot(parts, generation, now, now + std::chrono::hours(1)).value();
}

Update update_of(const Snapshot& next, const SigningKey& key, const Snapshot* before) {
    Update update{next.generation, digest_of(next), seal_snapshot(next, key).value(), {}};
    if (before != nullptr) update.sealed_delta = seal_delta(diff(*before, next), key).value();
    return update;
}

Controller::Controller(PublisherOptions options, PublisherHandlers handlers)
    : options_(std::move(options)), handlers_(std::move(handlers)) {
    options_.beacon_every = std::chrono::milliseconds(200);
    publisher = Publisher::start(options_, handlers_).value();
    options_.updates = publisher->update_endpoints();
    options_.requests = publisher->request_endpoints();
}

void Controller::publish(const Snapshot& next, bool with_delta) {
    auto update = update_of(next, key, newest_ && with_delta ? &*newest_ : nullptr);
    newest_ = next; // now: a gate on this processor should not wait for a copy of ours
    publisher->publish(std::move(update));
}

void Controller::restart() {
    publisher.reset();
    if (!soon([&] {
            auto again = Publisher::start(options_, handlers_);
            if (again) publisher = std::move(*again);
            return again.has_value();
        }))
        throw std::runtime_error("the publisher cannot bind again");
    if (newest_) publisher->publish(update_of(*newest_, key));
}

ReplicaHandlers RecordingGate::handlers() {
    ReplicaHandlers handlers;
    handlers.on_snapshot = [this](const Snapshot& snapshot, const Digest&,
                                  const std::string&) -> Status {
        ++calls_;
        if (refusing) return fail(Errc::io, "the kernel said no");
        generation_ = snapshot.generation;
        return {};
    };
    handlers.on_probe = [this](const Address& address) {
        ProbeAnswer answer;
        answer.generation = generation_;
        answer.listed = address == ipv4(0x0A000000U);
        if (answer.listed) answer.systems = {"irc"};
        return answer;
    };
    return handlers;
}

ReplicaOptions replica_options(const Controller& controller, const std::string& gate) {
    ReplicaOptions options;
    options.updates = controller.publisher->update_endpoints().front();
    options.requests = controller.publisher->request_endpoints().front();
    options.trust = Trust({controller.key.verify_key()});
    options.gate = gate;
    options.report_every = std::chrono::milliseconds(200);
    return options;
}

std::unique_ptr<Replica> started(ReplicaOptions options, ReplicaHandlers handlers) {
    return Replica::start(std::move(options), std::move(handlers)).value();
}

} // namespace sweepgate::wire::testing
