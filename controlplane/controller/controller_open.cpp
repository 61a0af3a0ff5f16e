// SPDX-License-Identifier: Apache-2.0
// What a controller finds when it starts: its state, catalog, policy and what was published last.
#include <array>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "controlplane/config/document.hpp"
#include "controlplane/controller/controller.hpp"
#include "controlplane/controller/list_desk.hpp"

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
    if (auto ok = controller->load_published(); !ok) return tl::unexpected(ok.error());
    if (auto ok = controller->load_catalog_and_policy(); !ok) return tl::unexpected(ok.error());
    controller->plan_at_start();
    return controller;
}

Status Controller::load_catalog_and_policy() {
    auto catalog = load_catalog(config_.catalog);
    if (!catalog) return freeze("catalog", catalog.error());
    catalog_ = std::move(*catalog);
    auto filed = archive_.current();
    faults_.replace("policy", "degraded", archive_.damage());
    if (!filed) return freeze("policy", filed.error());
    if (!*filed)
        return current_ ? freeze("policy", {Errc::not_found, "none is filed any more"})
                        : take_first_policy();
    filed_ = std::move(**filed);
    ListDesk lists(config_.lists, archive_);
    auto policy = parse_policy_with(filed_.text, fmt::format("policy {}", filed_.number), catalog_,
                                    lists.now_or_filed(filed_));
    if (!policy) return freeze("policy", policy.error());
    faults_.replace("list", "degraded", lists.faults());
    policy_ = std::move(*policy);
    if (!uses_as_filed(policy_, filed_)) file_lists(lists);
    guard_.ask(names_to_sweep(catalog_, policy_), now());
    return {};
}

/// Nobody has put a policy in force yet: the configured file's.
Status Controller::take_first_policy() {
    const auto text = config::read_file(config_.policy, kMaxPolicyBytes);
    if (!text) return tl::unexpected(text.error());
    ListDesk lists(config_.lists, archive_);
    auto policy = parse_policy_with(*text, config_.policy.string(), catalog_, lists.now());
    if (!policy) return tl::unexpected(policy.error());
    const auto number = archive_.file(*text, {FiledBy::start, "", config_.policy.string(), "", 0},
                                      lists.to_file(*policy), now());
    if (!number) return tl::unexpected(number.error());
    if (auto ok = archive_.remember_file(*text); !ok) return ok;
    auto filed = archive_.get(*number);
    if (!filed) return tl::unexpected(filed.error());
    filed_ = std::move(*filed);
    policy_ = std::move(*policy);
    guard_.ask(names_to_sweep(catalog_, policy_), now());
    return {};
}

void Controller::file_lists(const ListDesk& lists) {
    auto note = filed_.note;
    note.cause = FiledBy::lists;
    const auto number = archive_.file(filed_.text, note, lists.to_file(policy_), now());
    auto filed =
        number ? archive_.get(*number) : Result<FiledPolicy>(tl::unexpected(number.error()));
    if (filed)
        filed_ = std::move(*filed);
    else // they are in force all the same
        faults_.add({"storage",
                     "degraded",
                     "the lists of the policy are not filed: " + filed.error().what,
                     {}});
}

Status Controller::freeze(const std::string& kind, const Error& why) {
    if (!current_) return tl::unexpected(why);
    frozen_ = fmt::format("{}; generation {} stays in force as it is until a policy is pushed or "
                          "this is mended and read again",
                          why.what, current_->generation);
    faults_.add({kind, "broken", frozen_, {}});
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
    return {};
}

void Controller::plan_at_start() {
    if (!current_ || !frozen_.empty()) return;
    // Nobody has asked DNS since: what differs is a catalog of another release.
    const auto dns = remembered();
    auto plan = make_plan(policy_, &dns);
    if (!plan) return;
    plan_ = std::make_shared<const SnapshotPlan>(std::move(*plan));
    raise_alarms();
}

} // namespace sweepgate::controller
