// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/sweeping.hpp"

#include <spdlog/spdlog.h>

#include "controlplane/model/text.hpp"
#include "resolver/system_resolvers.hpp"

namespace sweepgate::controller {

namespace {

constexpr std::chrono::seconds kLookEvery{2};

} // namespace

Status Sweeping::start() {
    if (!controller_.config().resolver.all_servers().empty()) return begin();
    auto text = "no resolver: resolver.servers is empty and " + resolv_conf_ +
                " names none that can be asked; every address stays as it is";
    for (const auto& told : controller_.config().resolver.told) text += "; " + told;
    controller_.replace_faults("resolver", "broken", {text});
    turn();
    return {};
}

Status Sweeping::begin() {
    auto sweeps = SweepThread::create(controller_);
    if (!sweeps) return tl::unexpected(sweeps.error());
    auto guards = GuardThread::create(controller_);
    if (!guards) return tl::unexpected(guards.error());
    const std::lock_guard guard(lock_);
    sweeps_ = std::move(*sweeps);
    guards_ = std::move(*guards);
    sweeps_->run([this](const auto& stop_requested) { guards_->run(stop_requested); });
    return {};
}

void Sweeping::turn() {
    const auto now = std::chrono::steady_clock::now();
    if (sweeps_ || now < look_at_) return; // only the caller's thread writes it
    look_at_ = now + kLookEvery;
    // Nothing is asked, but policies are published and what is published is renewed.
    if (const auto ok = controller_.record({}); !ok)
        spdlog::error("round: {}", printable(ok.error().what));
    const auto servers = system_resolvers(resolv_conf_).servers;
    if (servers.empty()) return;
    controller_.set_resolvers(servers);
    if (auto ok = begin(); !ok)
        return controller_.replace_faults("resolver", "broken", {ok.error().what});
    for (const auto& server : servers) spdlog::info("resolver {}", server);
    controller_.replace_faults("resolver", "broken", {});
}

void Sweeping::hurry() {
    const std::lock_guard guard(lock_);
    if (sweeps_) sweeps_->hurry();
}

void Sweeping::take_names() {
    const std::lock_guard guard(lock_);
    if (sweeps_) sweeps_->take_names();
}

void Sweeping::stop() {
    const std::lock_guard guard(lock_);
    if (sweeps_) sweeps_->stop();
    if (guards_) guards_->stop();
}

bool Sweeping::is_alive() const {
    const std::lock_guard guard(lock_);
    return !sweeps_ || sweeps_->is_alive();
}

Cadence::Tally Sweeping::tally() const {
    const std::lock_guard guard(lock_);
    return sweeps_ ? sweeps_->tally() : Cadence::Tally{};
}

} // namespace sweepgate::controller
