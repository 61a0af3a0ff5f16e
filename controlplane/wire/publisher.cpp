// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/publisher.hpp"

#include "controlplane/wire/publisher_loop.hpp"

namespace sweepgate::wire {

Status PublisherOptions::load_curve(const std::filesystem::path& key,
                                    const std::filesystem::path& authorized_keys,
                                    const std::filesystem::path& copy) {
    auto keys = load_curve_keys(key);
    if (!keys) return tl::unexpected(keys.error());
    auto allowed = AuthorizedKeys::load(authorized_keys, copy);
    if (!allowed) return tl::unexpected(allowed.error());
    curve = std::move(*keys);
    authorized = std::move(*allowed);
    return {};
}

Result<std::unique_ptr<Publisher>> Publisher::start(PublisherOptions options,
                                                    PublisherHandlers handlers) {
    auto loop = std::make_unique<Loop>(std::move(options), std::move(handlers));
    if (auto ok = loop->open(); !ok) return tl::unexpected(ok.error());
    loop->start();
    return std::unique_ptr<Publisher>(new Publisher(std::move(loop)));
}

Publisher::Publisher(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
Publisher::~Publisher() = default;

void Publisher::publish(Update update) { loop_->publish(std::move(update)); }
void Publisher::publish_trust(std::string list, std::uint64_t version) {
    loop_->publish_trust(std::move(list), version);
}
void Publisher::sign_beacons(SigningKey key) { loop_->sign_beacons(std::move(key)); }
void Publisher::pass_proof(std::string proof) { loop_->pass_proof(std::move(proof)); }
void Publisher::ask_probe(const Address& address) { loop_->ask_probe(address); }
Result<std::vector<TopAnswer>> Publisher::top(const TopQuery& query,
                                              std::chrono::milliseconds wait) {
    return loop_->top(query, wait);
}
void Publisher::ask_top(std::uint64_t id, const TopQuery& query) { loop_->ask_top(id, query); }
void Publisher::ask_reports() { loop_->ask_reports(); }
void Publisher::authorize(AuthorizedKeys keys) { loop_->authorize(std::move(keys)); }

Result<std::vector<ProbeAnswer>> Publisher::probe(const Address& address,
                                                  std::chrono::milliseconds wait) {
    return loop_->probe(address, wait);
}

std::vector<PeerState> Publisher::peers() const { return loop_->peers.all(); }
void Publisher::remember(std::vector<PeerState> states) {
    loop_->peers.remember(std::move(states));
}
bool Publisher::forget(const std::string& gate) { return loop_->peers.forget(gate); }
std::map<std::string, std::uint64_t> Publisher::counters() const {
    return loop_->counters.values();
}
std::vector<std::string> Publisher::update_endpoints() const { return loop_->update_endpoints; }
std::vector<std::string> Publisher::request_endpoints() const { return loop_->request_endpoints; }

} // namespace sweepgate::wire
