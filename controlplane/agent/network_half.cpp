// SPDX-License-Identifier: Apache-2.0
#include "controlplane/agent/network_half.hpp"

#include <spdlog/spdlog.h>

#include "controlplane/model/text.hpp"
#include "controlplane/wire/envelope.hpp"

namespace sweepgate::agent {

namespace {

std::string joined(const std::vector<std::string>& lines) {
    std::string all;
    for (const auto& line : lines) all += (all.empty() ? "" : "; ") + line;
    return all;
}

} // namespace

Result<wire::Trust> open_trust(const Config& config, const std::filesystem::path& list) {
    return wire::Trust::open({config.verify_key, config.state / "verify-keys.last-good", list});
}

Result<std::unique_ptr<NetworkHalf>>
NetworkHalf::start(Config config, std::unique_ptr<Kernel> kernel, const std::string& fault) {
    std::optional<wire::StateFolder> folder;
    auto locked = wire::StateFolder::open(config.state);
    if (!locked && locked.error().code == Errc::conflict) return tl::unexpected(locked.error());
    if (locked) folder.emplace(std::move(*locked));
    auto trust = open_trust(config, config.state / "trust");
    if (!trust) return tl::unexpected(trust.error());
    std::unique_ptr<NetworkHalf> half(new NetworkHalf(std::move(config), std::move(folder),
                                                      std::move(kernel), std::move(*trust)));
    half->set_fault("configuration", fault);
    if (!locked) {
        half->state_fault_ = locked.error().what;
        half->set_fault("state", locked.error().what + "; nothing is kept for a restart");
    }
    if (auto ok = half->start_publisher(); !ok) half->set_fault("republish", ok.error().what);
    if (auto ok = half->start_replica(); !ok) return tl::unexpected(ok.error());
    return half;
}

NetworkHalf::NetworkHalf(Config config, std::optional<wire::StateFolder> folder,
                         std::unique_ptr<Kernel> kernel, wire::Trust trust)
    : config_(std::move(config)), folder_(std::move(folder)), kernel_(std::move(kernel)),
      trust_(std::move(trust)) {}

void NetworkHalf::set_fault(const std::string& part, const std::string& fault) {
    const std::lock_guard lock(faults_mutex_);
    if (fault.empty()) {
        faults_.erase(part);
        return;
    }
    auto& held = faults_[part];
    if (held == fault) return;
    held = fault;
    spdlog::error("{}: {}", part, printable(fault));
}

std::vector<std::string> NetworkHalf::faults() const {
    const std::lock_guard lock(faults_mutex_);
    std::vector<std::string> lines;
    for (const auto& [part, fault] : faults_)
        lines.push_back(std::string(kFaultWarning) + part + ": " + fault);
    return lines;
}

NetworkHalf::~NetworkHalf() {
    {
        const std::lock_guard lock(forwarding_mutex_);
        forwarding_ = nullptr; // from here on the publisher's thread leaves the replica alone
    }
    replica_.reset();
    publisher_.reset();
}

Status NetworkHalf::start_publisher() {
    wire::PublisherOptions options;
    options.updates = config_.republish.updates;
    options.requests = config_.republish.requests;
    if (!config_.republish.curve_key.empty()) {
        auto ok = options.load_curve(config_.republish.curve_key, config_.republish.authorized_keys,
                                     authorized_copy());
        if (!ok) return ok;
        set_fault("authorized keys", joined(options.authorized.faults()));
    }
    wire::PublisherHandlers handlers;
    handlers.on_acknowledgement = [this](const wire::Peer&, const Acknowledgement& said) {
        if (!said.error.empty())
            spdlog::error("{}: {}", printable(said.gate), printable(said.error));
        upstream([&](wire::Replica& replica) { replica.forward_acknowledgement(said); });
    };
    handlers.on_report = [this](const wire::Peer&, const GateReport& said) {
        upstream([&](wire::Replica& replica) { replica.forward_report(said); });
    };
    handlers.on_probe_answer = [this](const wire::Peer&, const Address& of,
                                      const ProbeAnswer& said) {
        upstream([&](wire::Replica& replica) { replica.forward_probe_answer(of, said); });
    };
    handlers.on_top_answer = [this](const wire::Peer&, std::uint64_t id, const TopAnswer& said) {
        upstream([&](wire::Replica& replica) { replica.forward_top_answer(id, said); });
    };
    handlers.on_events = [this](const wire::Peer&, const HitEvents& said) {
        upstream([&](wire::Replica& replica) { replica.forward_events(said); });
    };
    auto publisher = wire::Publisher::start(std::move(options), std::move(handlers));
    if (!publisher) return tl::unexpected(publisher.error());
    const std::lock_guard lock(publisher_mutex_);
    publisher_ = std::move(*publisher);
    return {};
}

Status NetworkHalf::start_replica() {
    wire::ReplicaOptions options;
    options.updates = config_.upstream.updates;
    options.requests = config_.upstream.requests;
    if (!config_.upstream.curve_key.empty()) {
        auto client =
            wire::load_curve_client(config_.upstream.curve_key, config_.upstream.server_key);
        without_upstream_ = !client;
        set_fault("upstream key", client ? "" : client.error().what);
        if (client) options.curve = std::move(*client);
    }
    if (without_upstream_) { // last good is enforced all the same; nobody answers there
        options.updates = "ipc://" + (config_.state / "no-upstream").string();
        options.requests = options.updates;
    }
    // As the files are by now: it may be started again.
    if (auto trust = open_trust(config_, config_.state / "trust")) trust_ = std::move(*trust);
    options.trust = trust_;
    options.version = config_.version;
    if (folder_)
        options.state_file = folder_->file("last-good");
    else
        options.state_fault = state_fault_;
    options.gate = config_.name + (kernel_ ? "/nftables" : "/relay");
    wire::ReplicaHandlers handlers;
    handlers.on_snapshot = [this](const Snapshot& snapshot, const Digest& digest,
                                  const std::string& sealed) {
        return enforce(snapshot, digest, sealed);
    };
    if (kernel_) handlers.on_probe = [this](const Address& address) { return probe(address); };
    handlers.make_report = [this] { return report(); };
    handlers.on_probe_wanted = [this](const Address& of) {
        downstream([&](wire::Publisher& publisher) { publisher.ask_probe(of); });
    };
    handlers.on_reports_wanted = [this] {
        downstream([](wire::Publisher& publisher) { publisher.ask_reports(); });
    };
    handlers.on_top_wanted = [this](std::uint64_t id, const TopQuery& query) {
        downstream([&](wire::Publisher& publisher) { publisher.ask_top(id, query); });
    };
    handlers.on_trust = [this](const std::string& list, std::uint64_t version) {
        downstream([&](wire::Publisher& publisher) { publisher.publish_trust(list, version); });
        if (!kernel_) return;
        const auto ok = kernel_->trust(list);
        set_fault("verify key", ok ? "" : "the apply half: " + ok.error().what);
    };
    handlers.on_proof = [this](const std::string& proof) {
        downstream([&](wire::Publisher& publisher) { publisher.pass_proof(proof); });
    };
    handlers.on_fault = [](const Error& error) { spdlog::warn("{}", printable(error.what)); };
    auto replica = wire::Replica::start(std::move(options), std::move(handlers));
    if (!replica) return tl::unexpected(replica.error());
    replica_ = std::move(*replica);
    const std::lock_guard lock(forwarding_mutex_);
    forwarding_ = replica_.get();
    return {};
}

Status NetworkHalf::enforce(const Snapshot& snapshot, const Digest& digest,
                            const std::string& sealed) {
    const auto links = wire::links_of(sealed);
    if (!links) return tl::unexpected(links.error());
    // The gates behind verify for themselves; one that refuses must not hold up the others.
    // They are told once, also when our own kernel needs several tries.
    if (handed_on_ != snapshot.generation)
        downstream([&](wire::Publisher& publisher) {
            publisher.publish({snapshot.generation, digest, sealed,
                               links->size() > 1 ? std::string(links->back()) : std::string()});
        });
    handed_on_ = snapshot.generation;
    if (!kernel_) return {};
    return kernel_->enforce(sealed, snapshot.generation);
}

GateReport NetworkHalf::report() {
    GateReport report;
    report.warnings = faults();
    for (const auto& prefix : config_.management)
        if (kernel_ && prefix.length < width(prefix.address.family))
            report.warnings.push_back(std::string(kUnjudgedWarning) + to_string(prefix));
    if (!kernel_) { // a relay: it holds what it hands on
        upstream([&](wire::Replica& replica) {
            const auto state = replica.state();
            report.generation = state.generation;
            report.digest = state.digest;
        });
        return report;
    }
    auto state = kernel_->state();
    if (!state) {
        spdlog::error("nftables: {}", printable(state.error().what));
        report.warnings.push_back(std::string(kFaultWarning) +
                                  "the kernel cannot be read: " + state.error().what);
        return report;
    }
    report.generation = state->generation;
    report.digest = state->digest;
    report.systems = std::move(state->systems);
    report.schedules = std::move(state->schedules);
    for (const auto& bypass : state->bypasses)
        report.warnings.push_back(std::string(kBypassWarning) + bypass);
    if (!state->fault.empty() && state->generation == 0)
        report.warnings.push_back(std::string(kFaultWarning) +
                                  "its rules cannot be put back: " + state->fault);
    report.counters = {{"repaired", state->repaired}};
    return report;
}

ProbeAnswer NetworkHalf::probe(const Address& address) {
    auto answer = kernel_->probe(address);
    if (answer) return std::move(*answer);
    ProbeAnswer failed;
    failed.error = answer.error().what;
    return failed;
}

/// What could not be had at the start may be there by now.
void NetworkHalf::start_missing() {
    if (!folder_) {
        auto locked = wire::StateFolder::open(config_.state);
        if (locked) {
            folder_.emplace(std::move(*locked));
            state_fault_.clear();
            set_fault("state", "");
            restart_replica();
        }
    }
    if (!publisher_) { // only this thread sets it
        const auto ok = start_publisher();
        set_fault("republish", ok ? "" : ok.error().what);
        if (const auto state = replica_->state(); ok && state.generation != 0)
            downstream([&](wire::Publisher& publisher) {
                if (state.trust_version != 0)
                    publisher.publish_trust(replica_->trust_list(), state.trust_version);
                publisher.publish({state.generation, state.digest, replica_->sealed(), {}});
            });
    }
    if (!without_upstream_) return;
    if (!wire::load_curve_client(config_.upstream.curve_key, config_.upstream.server_key)) return;
    restart_replica();
}

void NetworkHalf::restart_replica() {
    {
        const std::lock_guard lock(forwarding_mutex_);
        forwarding_ = nullptr;
    }
    replica_.reset();
    if (auto ok = start_replica(); !ok) set_fault("upstream", ok.error().what);
}

Status NetworkHalf::check() {
    start_missing();
    if (!kernel_) return {};
    const auto state = kernel_->state();
    if (!state) return tl::unexpected(state.error());
    return {};
}

Status NetworkHalf::reload() {
    if (config_.republish.authorized_keys.empty()) return {};
    auto authorized =
        wire::AuthorizedKeys::load(config_.republish.authorized_keys, authorized_copy());
    if (!authorized) return tl::unexpected(authorized.error());
    set_fault("authorized keys", joined(authorized->faults()));
    downstream([&](wire::Publisher& publisher) { publisher.authorize(std::move(*authorized)); });
    return {};
}

} // namespace sweepgate::agent
