// SPDX-License-Identifier: Apache-2.0
// What a controller finds when it starts: its state, catalog, policy and what was published last.
#include <array>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "controlplane/config/document.hpp"
#include "controlplane/controller/controller.hpp"

namespace sweepgate::controller {

Controller::Controller(Config config, wire::StateFolder folder, PolicyArchive archive, Book book,
                       wire::SigningKey key, GuardDesk guard)
    : config_(std::move(config)), folder_(std::move(folder)), archive_(std::move(archive)),
      book_(std::move(book)), key_(std::move(key)), guard_(std::move(guard)) {}

Result<std::unique_ptr<Controller>> Controller::open(Config config) {
    auto folder = wire::StateFolder::open(config.state);
    if (!folder) return tl::unexpected(folder.error());
    auto key = wire::load_signing_key(config.signing_key);
    if (!key) return tl::unexpected(key.error());
    auto archive = PolicyArchive::open(config.state);
    if (!archive) return tl::unexpected(archive.error());
    auto book = Book::open(folder->file("book.sqlite"), config.book);
    if (!book) return tl::unexpected(book.error());

    auto guard = GuardDesk::open(folder->path(), config.guard);
    if (!guard) return tl::unexpected(guard.error());
    std::unique_ptr<Controller> controller(new Controller(std::move(config), std::move(*folder),
                                                          std::move(*archive), std::move(*book),
                                                          std::move(*key), std::move(*guard)));
    if (auto ok = controller->load_catalog_and_policy(); !ok) return tl::unexpected(ok.error());
    if (auto ok = controller->load_published(); !ok) return tl::unexpected(ok.error());
    return controller;
}

Status Controller::load_catalog_and_policy() {
    auto catalog = load_catalog(config_.catalog);
    if (!catalog) return tl::unexpected(catalog.error());
    auto filed = archive_.current();
    if (!filed) return tl::unexpected(filed.error());
    if (!*filed) {
        const auto text = config::read_file(config_.policy, kMaxPolicyBytes);
        if (!text) return tl::unexpected(text.error());
        auto policy = parse_policy(*text, config_.policy.string(), *catalog, config_.lists);
        if (!policy) return tl::unexpected(policy.error());
        const auto number = archive_.file(*text);
        if (!number) return tl::unexpected(number.error());
        if (auto ok = archive_.remember_file(*text); !ok) return tl::unexpected(ok.error());
        filed = FiledPolicy{*number, *text};
    }
    const auto name = fmt::format("policy {}", (*filed)->number);
    auto policy = parse_policy((*filed)->text, name, *catalog, config_.lists);
    if (!policy) return tl::unexpected(policy.error());
    catalog_ = std::move(*catalog);
    policy_ = std::move(*policy);
    policy_number_ = (*filed)->number;
    guard_.ask(names_to_sweep(catalog_, policy_), now());
    return {};
}

Status Controller::load_published() {
    const auto latest = book_.latest();
    if (!latest) return tl::unexpected(latest.error());
    if (!*latest || (*latest)->sealed.empty()) return {};
    const auto& sealed = (*latest)->sealed;
    std::string bytes(sealed.begin(), sealed.end());
    const std::array keys{key_.verify_key()};
    auto snapshot = wire::open_snapshot(bytes, keys);
    // A new signing key: what the old one signed is published anew after the next round.
    if (!snapshot) {
        spdlog::warn("last published generation {} is not ours to repeat: {}", (*latest)->number,
                     snapshot.error().what);
        return {};
    }
    current_ = std::make_shared<const Snapshot>(std::move(*snapshot));
    sealed_ = std::move(bytes);
    // Nobody has asked DNS since: what differs is a catalog of another release.
    const auto dns = remembered();
    if (auto plan = make_plan(policy_, &dns)) {
        plan_ = std::make_shared<const SnapshotPlan>(std::move(*plan));
        raise_alarms();
    }
    return {};
}

} // namespace sweepgate::controller
