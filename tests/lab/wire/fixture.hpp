// SPDX-License-Identifier: Apache-2.0
// Real publishers and replicas over real ZeroMQ, CURVE on loopback, in a folder of their own.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "controlplane/wire/envelope.hpp"
#include "controlplane/wire/publisher.hpp"
#include "controlplane/wire/replica.hpp"

namespace sweepgate::wire::testing {

/// True as soon as `holds` does, false after ten seconds.
bool soon(const std::function<bool()>& holds);

/// A private folder, removed with everything in it.
class Folder {
public:
    Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder();
    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
    [[nodiscard]] std::string ipc(const std::string& name) const { return "ipc://" + file(name); }

private:
    std::string path_;
};

/// `count` hosts of one system; the generation also picks one address, so contents differ.
Snapshot snapshot_of(Generation generation, unsigned count = 3);
Update update_of(const Snapshot& next, const SigningKey& key, const Snapshot* before = nullptr);

/// A controller: keys, endpoints and the newest snapshot.
class Controller {
public:
    Controller(PublisherOptions options, PublisherHandlers handlers = {});
    void publish(const Snapshot& next, bool with_delta = true);
    void restart(); // same endpoints and keys, nothing remembered but the newest snapshot
    void stop() { publisher.reset(); }

    SigningKey key = SigningKey::generate();
    std::unique_ptr<Publisher> publisher;

private:
    PublisherOptions options_;
    PublisherHandlers handlers_;
    std::optional<Snapshot> newest_;
};

/// A gate that records what it was given.
class RecordingGate {
public:
    ReplicaHandlers handlers();
    [[nodiscard]] Generation generation() const { return generation_; }
    [[nodiscard]] std::size_t calls() const { return calls_; }
    std::atomic<bool> refusing{false};

private:
    std::atomic<Generation> generation_{0};
    std::atomic<std::size_t> calls_{0};
};

ReplicaOptions replica_options(const Controller& controller, const std::string& gate);
std::unique_ptr<Replica> started(ReplicaOptions options, ReplicaHandlers handlers);

} // namespace sweepgate::wire::testing
