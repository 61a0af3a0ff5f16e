// SPDX-License-Identifier: Apache-2.0
// What a controller finds when it starts: its state, catalog, policy and what was published last.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "controlplane/config/document.hpp"
#include "controlplane/controller/controller.hpp"
#include "controlplane/controller/list_desk.hpp"
#include "controlplane/controller/state_files.hpp"
#include "controlplane/model/text.hpp"

namespace sweepgate::controller {

namespace {

constexpr std::string_view kPublishedCopy = "published.last-good";
constexpr std::string_view kOwnKey = "signing.key.pub";
/// Generations that may have been published since the copy was written, and far more than that.
constexpr Generation kPastTheCopy = 1000;
constexpr std::chrono::seconds kMendEvery{5};

} // namespace

Controller::Controller(Config config, wire::StateFolder folder, PolicyArchive archive, Book book,
                       GuardDesk guard, StartFaults faults)
    : config_(std::move(config)), folder_(std::move(folder)), archive_(std::move(archive)),
      book_(std::move(book)), signing_(config_.signing_key, folder_.file(kOwnKey)),
      guard_(std::move(guard)), faults_(std::move(faults)) {}

Result<std::unique_ptr<Controller>> Controller::open(Config config) {
    StartFaults faults;
    auto folder = wire::StateFolder::open(config.state);
    if (!folder) return tl::unexpected(folder.error());
    auto archive = PolicyArchive::open(config.state);
    if (!archive) return tl::unexpected(archive.error());
    auto book = open_book(folder->file(kBookFile), config.book, faults);
    std::string no_storage;
    if (!book && book.error().code == Errc::io &&
        std::filesystem::exists(folder->file(kBookFile))) {
        no_storage = book.error().what;
        book = Book::open(":memory:", config.book);
    }
    if (!book) return tl::unexpected(book.error());
    auto guard = GuardDesk::open(folder->path(), config.guard, faults);
    if (!guard) return tl::unexpected(guard.error());
    std::unique_ptr<Controller> controller(new Controller(std::move(config), std::move(*folder),
                                                          std::move(*archive), std::move(*book),
                                                          std::move(*guard), std::move(faults)));
    controller->no_storage_ = std::move(no_storage);
    controller->check_audit();
    const auto key = controller->load_key();
    if (auto ok = controller->load_published(); !ok) return tl::unexpected(ok.error());
    controller->go_on_above_backup();
    std::error_code ignored; // what a backup that was cut short left
    std::filesystem::remove_all(copies_folder(controller->folder_.path()), ignored);
    controller->had_published_ = controller->current_ != nullptr;
    if (!key && !controller->current_) return tl::unexpected(key.error());
    if (!controller->no_storage_.empty())
        if (auto ok = controller->freeze("storage", {Errc::io, controller->no_storage_}); !ok)
            return tl::unexpected(ok.error());
    if (auto ok = controller->load_catalog_and_policy(); !ok) return tl::unexpected(ok.error());
    controller->plan_at_start();
    if (auto ok = controller->resign(); !ok) spdlog::error("{}", printable(ok.error().what));
    return controller;
}

Status Controller::load_key() {
    const auto before = signing_.trust().version();
    const auto loaded = signing_.load(faults_);
    if (signing_.trust().version() != before && before != 0)
        spdlog::info("version {} of the list of signing keys is in force",
                     signing_.trust().version());
    // Ahead of what the key signs.
    if (announce_keys_) announce_keys_(signing_);
    return loaded;
}

Status Controller::resign() {
    if (!current_ || !no_storage_.empty() || !signing_.is_outdated(sealed_)) return {};
    const auto generation = publish(renewed(), "signing key");
    return generation ? Status{} : Status(tl::unexpected(generation.error()));
}

Status Controller::load_catalog() {
    if (!current_) {
        auto catalog = sweepgate::load_catalog(config_.catalog);
        if (!catalog) return tl::unexpected(catalog.error());
        catalog_ = std::move(*catalog);
        auto texts = load_catalog_leniently(config_.catalog, {});
        if (texts) kept_catalog_ = std::move(texts->texts);
        keep_catalog_copy(folder_.path(), kept_catalog_);
        return {};
    }
    if (kept_catalog_.empty()) kept_catalog_ = read_catalog_copy(folder_.path());
    auto loaded = load_catalog_leniently(config_.catalog, kept_catalog_);
    if (!loaded) return tl::unexpected(loaded.error());
    catalog_ = std::move(loaded->catalog);
    kept_catalog_ = std::move(loaded->texts);
    faults_.replace("catalog", "degraded", loaded->faults);
    keep_catalog_copy(folder_.path(), kept_catalog_);
    return {};
}

Status Controller::load_catalog_and_policy() {
    if (auto ok = load_catalog(); !ok) return freeze("catalog", ok.error());
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
    (void)changed_policy_file(catalog_); // for its faults: another text waits for a reload
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
    frozen_ = fmt::format(
        "{}; generation {} stays in force as it is until {}", why.what, current_->generation,
        no_storage_.empty() ? "a policy is pushed or this is mended and read again"
                            : "it can be written again");
    faults_.add({kind, "broken", frozen_, {}});
    return {};
}

Status Controller::load_published() {
    auto latest = book_.latest();
    if (!latest) latest = std::optional<PublishedGeneration>{};
    if (*latest) newest_ = (*latest)->number;
    const auto open = [&](std::string bytes) {
        auto snapshot = wire::open_snapshot(bytes, signing_.own_keys());
        if (!snapshot) return Status(tl::unexpected(snapshot.error()));
        current_ = std::make_shared<const Snapshot>(std::move(*snapshot));
        sealed_ = std::move(bytes);
        return Status{};
    };
    const auto copy = wire::load(folder_.file(kPublishedCopy));
    if (*latest && !(*latest)->sealed.empty()) {
        const auto& sealed = (*latest)->sealed;
        if (auto ok = open({sealed.begin(), sealed.end()}); ok)
            return {};
        else if (copy && open(*copy))
            return repeat_copy(ok.error());
        else // of a key that was never ours: published anew after the next round
            spdlog::warn("last published generation {} is not ours to repeat: {}",
                         (*latest)->number, ok.error().what);
        return {};
    }
    if (copy && open(*copy)) return repeat_copy({Errc::io, "the address book has no generation"});
    return {};
}

/// What was published last is taken from the copy beside the book, under a number that no gate can
/// hold something newer under.
Status Controller::repeat_copy(const Error& why) {
    newest_ = std::max(newest_, current_->generation + kPastTheCopy);
    if (!no_storage_.empty()) return {}; // which is told, and what stays in force with it
    faults_.add({"published",
                 "degraded",
                 fmt::format("{}; generation {} is taken from its copy and goes out again",
                             why.what, current_->generation),
                 {}});
    if (signing_.key() == nullptr) return {};
    const auto generation = publish(renewed(), "restored");
    return generation ? Status{} : Status(tl::unexpected(generation.error()));
}

void Controller::keep_published_copy(bool now) {
    const auto time = std::chrono::steady_clock::now();
    if (!current_ || copied_ == current_->generation || (!now && time < copy_at_)) return;
    if (auto ok = wire::save(folder_.file(kPublishedCopy), sealed_); !ok)
        return; // told by the book
    copied_ = current_->generation;
    copy_at_ = time + kCopyEvery;
}

Controller::~Controller() { keep_published_copy(true); }

void Controller::mend() {
    const std::unique_lock alone(changing_, std::try_to_lock);
    if (!alone) return; // whoever feeds a watchdog waits for nobody's policy
    const std::lock_guard guard(lock_);
    const auto time = std::chrono::steady_clock::now();
    keep_published_copy(false);
    if (time < mend_at_) return;
    mend_at_ = time + kMendEvery;
    if (signing_.key() == nullptr) {
        (void)load_key();
        if (auto ok = resign(); !ok) spdlog::error("{}", printable(ok.error().what));
    }
    guard_.open_again(folder_.path(), faults_);
    if (!no_storage_.empty()) open_storage_again();
}

void Controller::open_storage_again() {
    auto book = Book::open(folder_.file(kBookFile), config_.book);
    if (!book) return;
    book_ = std::move(*book);
    no_storage_.clear();
    frozen_.clear();
    faults_.clear("storage");
    faults_.clear("published");
    spdlog::info("the state folder can be written again");
    if (auto ok = load_published(); !ok) spdlog::error(ok.error().what);
    go_on_above_backup();
    if (auto ok = load_catalog_and_policy(); !ok) spdlog::error(ok.error().what);
    plan_at_start();
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
