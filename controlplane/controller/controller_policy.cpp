// SPDX-License-Identifier: Apache-2.0
// How a policy comes into force: pushed, gone back to, reloaded.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "controlplane/config/document.hpp"
#include "controlplane/controller/controller.hpp"
#include "controlplane/controller/list_desk.hpp"
#include "controlplane/guard/translated.hpp"
#include "controlplane/model/text.hpp"

namespace sweepgate::controller {

namespace {

using Listed = std::set<std::pair<std::string, Prefix>>; // system and prefix

Listed listed_in(const Snapshot* snapshot, std::span<const Prefix> nat64) {
    Listed listed;
    if (snapshot == nullptr) return listed;
    for (const auto& entry : snapshot->entries)
        if (!is_translated(entry.prefix, nat64))
            for (const auto system : snapshot->rules.classes[entry.address_class].systems)
                listed.emplace(snapshot->rules.systems[system].id, entry.prefix);
    return listed;
}

void count_changes(const Snapshot* before, const Snapshot* after, std::span<const Prefix> nat64,
                   PolicyChange& change) {
    if (before == after) return;
    const auto old = listed_in(before, nat64);
    const auto fresh = listed_in(after, nat64);
    const auto missing = [](const Listed& all, const Listed& in) {
        return static_cast<std::size_t>(
            std::ranges::count_if(all, [&](const auto& each) { return !in.contains(each); }));
    };
    change.added = missing(fresh, old);
    change.removed = missing(old, fresh);
    change.before = old.size();
}

bool is_blank(std::string_view text) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

FiledPolicy without_text(FiledPolicy policy) {
    policy.text.clear();
    return policy;
}

} // namespace

Decided Controller::state_before() const {
    Decided decided;
    decided.before = current_;
    decided.plan_before = plan_;
    return decided;
}

Decided Controller::outcome(Decided before) const {
    before.generation = current_ ? current_->generation : 0;
    before.policy = filed_.number;
    before.after = current_;
    before.plan = plan_;
    if (before.asks.empty() && current_)
        before.reach =
            reach_of(before.before ? *before.before : Snapshot{}, *current_, before.nat64());
    return before;
}

Result<PolicyChange> Controller::take(Catalog catalog, Policy policy, const Filing* filing,
                                      const std::string& cause, bool yes) {
    const auto dns = before_decision();
    if (!dns) return tl::unexpected(dns.error());
    auto decided = state_before();
    const auto nat64 = common_translations(translation_prefixes(policy_.nat64),
                                           translation_prefixes(policy.nat64));
    const auto bounds = policy_.bounds; // of what is in force: no policy widens its own
    const auto filed_before = filed_;
    const auto frozen_before = frozen_;
    const auto published_before = current_;
    std::swap(catalog_, catalog);
    std::swap(policy_, policy);
    const auto put_back = [&](const Error& error) {
        std::swap(catalog_, catalog);
        std::swap(policy_, policy);
        filed_ = filed_before;
        frozen_ = frozen_before;
        return tl::unexpected(error);
    };
    if (filing != nullptr) {
        const auto number = archive_.file(filing->text, filing->note, filing->lists, now());
        if (!number) return put_back(number.error());
        auto filed = archive_.get(*number);
        if (!filed) return put_back(filed.error());
        filed_ = std::move(*filed);
    }
    frozen_.clear();
    const auto generation = rebuild(cause, &*dns, [&](const Snapshot& snapshot) -> Status {
        if (!decided.before || yes) return {};
        decided.reach = reach_of(*decided.before, snapshot, nat64);
        decided.asks = excesses(decided.reach, bounds);
        return decided.asks.empty() ? Status{} : Status(tl::unexpected(not_said(decided.asks)));
    });
    if (!generation) {
        if (filed_.number != filed_before.number)
            if (auto ok = archive_.withdraw(filed_.number); !ok) spdlog::error(ok.error().what);
        const auto failed = put_back(generation.error());
        if (decided.asks.empty()) return failed;
        PolicyChange asked{current_->generation, without_text(filed_), true, {}, 0, 0, 0, {}, {}};
        asked.decided = outcome(std::move(decided));
        return asked;
    }
    guard_.ask(names_to_sweep(catalog_, policy_), now());
    PolicyChange change{*generation,      without_text(filed_),       false, std::nullopt, 0, 0, 0,
                        policy_.warnings, outcome(std::move(decided))};
    count_changes(published_before.get(), current_.get(), nat64, change);
    return change;
}

Result<PolicyChange> Controller::push(std::string_view policy_text, const Submission& by) {
    if (is_blank(policy_text))
        return fail(Errc::bad_input,
                    "the policy is empty: nothing is pushed; to take all defaults, "
                    "write a comment into it");
    const std::lock_guard alone(changing_);
    ListDesk lists(config_.lists, archive_);
    const auto name = by.file.empty() || by.file == "-" ? std::string("policy") : by.file;
    auto policy = parse_policy_with(policy_text, name, catalog_, lists.now());
    const std::lock_guard guard(lock_);
    if (!no_storage_.empty()) return fail(Errc::unavailable, no_storage_);
    if (!policy) return tl::unexpected(policy.error());
    if (frozen_.empty() && policy_text == filed_.text && uses_as_filed(*policy, filed_) &&
        current_) {
        acknowledge_backup();
        return PolicyChange{
            current_->generation, without_text(filed_),   true, std::nullopt, 0, 0, 0,
            policy->warnings,     outcome(state_before())};
    }
    const Filing filing{
        policy_text, {FiledBy::push, by.who, by.file, by.message, 0}, lists.to_file(*policy)};
    auto change = take(catalog_, std::move(*policy), &filing, "policy by " + by.who, by.yes);
    if (change && change->decided.asks.empty()) forget_faults();
    return change;
}

void Controller::forget_faults() {
    acknowledge_backup();
    faults_.clear("list");
    faults_.clear("reload");
    faults_.replace("policy", "degraded", archive_.damage());
}

Result<PolicyChange> Controller::rollback(std::optional<std::uint64_t> to, const Submission& by) {
    const std::lock_guard alone(changing_);
    if (filed_.number == 0 && !to)
        return fail(Errc::not_found, "no filed policy is in force; rollback N goes to one of those "
                                     "that `policies` lists");
    auto target = to ? archive_.get(*to) : archive_.before(filed_);
    if (!target) return tl::unexpected(target.error());
    ListDesk lists(config_.lists, archive_);
    const auto name = fmt::format("policy {}", target->number);
    auto policy = parse_policy_with(target->text, name, catalog_, lists.filed(*target));
    if (!policy) return tl::unexpected(policy.error());
    const std::lock_guard guard(lock_);
    if (!no_storage_.empty()) return fail(Errc::unavailable, no_storage_);
    if (frozen_.empty() && target->digest == filed_.digest && uses_as_filed(*policy, filed_) &&
        current_)
        return PolicyChange{
            current_->generation, without_text(filed_),   true, without_text(*target), 0, 0, 0,
            policy->warnings,     outcome(state_before())};
    // Whoever goes on back from here starts where the text came from, not where it was filed.
    const auto back_to = target->note.back_to == 0 ? target->number : target->note.back_to;
    const auto message = by.message.empty() ? target->note.message : by.message;
    const Filing filing{target->text,
                        {FiledBy::rollback, by.who, target->note.file, message, back_to},
                        lists.to_file(*policy)};
    auto change = take(catalog_, std::move(*policy), &filing,
                       fmt::format("rollback to policy {} by {}", target->number, by.who), by.yes);
    if (!change || !change->decided.asks.empty()) return change;
    forget_faults();
    change->back_to = without_text(std::move(*target));
    return change;
}

/// The configured file where it has changed since it was last taken over and says a policy; what is
/// wrong with it is a fault.
std::optional<std::string> Controller::changed_policy_file(const Catalog& catalog) {
    const auto stays = [&](const std::string& why) -> std::optional<std::string> {
        faults_.replace("policy-file", "degraded", {why + "; what was in force stays"});
        return std::nullopt;
    };
    auto text = config::read_file(config_.policy, kMaxPolicyBytes);
    if (!text) return stays(text.error().what);
    const auto remembered = archive_.remembered_file();
    if (!remembered || *remembered == *text) {
        if (!remembered) (void)archive_.remember_file(*text);
        faults_.clear("policy-file");
        return std::nullopt;
    }
    if (is_blank(*text)) return stays(config_.policy.string() + ": is empty");
    ListDesk lists(config_.lists, archive_);
    const auto policy =
        parse_policy_with(*text, config_.policy.string(), catalog, lists.now_or_filed(filed_));
    if (!policy) return stays(policy.error().what);
    faults_.clear("policy-file");
    return std::move(*text);
}

Result<std::string> Controller::reload() {
    const std::lock_guard alone(changing_);
    const std::lock_guard guard(lock_);
    if (!no_storage_.empty()) return fail(Errc::unavailable, no_storage_);
    guard_.reload(faults_);
    (void)load_key(); // which tells its faults
    if (auto ok = resign(); !ok) spdlog::error("{}", printable(ok.error().what));
    // Each part that cannot be read stays as it is; the others are taken.
    auto catalog = catalog_;
    if (auto ok = load_catalog(); !ok)
        faults_.replace("catalog", "broken", {ok.error().what + "; it stays as it is"});
    std::swap(catalog, catalog_); // take() puts it in force, or not
    if (filed_.number == 0)
        if (auto filed = archive_.current(); filed && *filed) filed_ = std::move(**filed);
    const auto file = changed_policy_file(catalog);
    if (!file && filed_.number == 0) return fail(Errc::unavailable, frozen_);
    // The file is as it was: what was pushed since stays, read against the new catalog.
    const auto source = file ? *file : filed_.text;
    const auto name = file ? config_.policy.string() : fmt::format("policy {}", filed_.number);
    ListDesk lists(config_.lists, archive_);
    auto policy = parse_policy_with(source, name, catalog, lists.now_or_filed(filed_));
    if (!policy) return tl::unexpected(policy.error());
    const bool lists_changed = !file && !uses_as_filed(*policy, filed_);
    const Filing filing{source,
                        {file ? FiledBy::file : FiledBy::lists, "",
                         file ? config_.policy.string() : filed_.note.file, "", 0},
                        lists.to_file(*policy)};
    const auto change =
        take(std::move(catalog), std::move(*policy), file || lists_changed ? &filing : nullptr,
             file            ? "policy file reloaded"
             : lists_changed ? "lists reloaded"
                             : "catalog reloaded",
             !file && !lists_changed);
    if (!change) return tl::unexpected(change.error());
    if (const auto& asks = change->decided.asks; !asks.empty()) {
        auto error = not_said(asks);
        error.what = (file ? config_.policy.string() : "the lists") + ": " + error.what;
        faults_.replace("reload", "degraded", {error.what});
        return tl::unexpected(std::move(error));
    }
    faults_.clear("reload");
    faults_.replace("list", "degraded", lists.faults());
    faults_.replace("policy", "degraded", archive_.damage());
    if (file)
        if (auto ok = archive_.remember_file(*file); !ok) return tl::unexpected(ok.error());
    return fmt::format("generation {}: {}", change->generation, words_of(change->decided.reach));
}

Result<Controller::Preview> Controller::preview(std::string_view policy_text) const {
    std::unique_lock guard(lock_);
    if (policy_text.empty() && !frozen_.empty()) return fail(Errc::unavailable, frozen_);
    const auto catalog = catalog_;
    const auto in_force = policy_;
    const auto generation = next_generation();
    auto reading = read_book(remembered());
    guard.unlock();
    if (!reading) return tl::unexpected(reading.error());
    auto policy = policy_text.empty() ? Result<Policy>(in_force)
                                      : parse_policy_with(policy_text, "policy", catalog,
                                                          ListDesk(config_.lists, archive_).now());
    if (!policy) return tl::unexpected(policy.error());
    const auto decided =
        dns_part(catalog, in_force, reading->entries, reading->context, reading->last_good);
    reading->last_good.dns = &decided;
    reading->last_good.decided = true;
    auto plan = assemble(catalog, *policy, reading->entries, std::move(reading->context),
                         reading->last_good);
    if (!plan) return tl::unexpected(plan.error());
    auto snapshot = make_snapshot(*plan, generation);
    if (!snapshot) return tl::unexpected(snapshot.error());
    return Preview{std::move(*policy), std::move(*plan), std::move(*snapshot)};
}

std::vector<FiledPolicy> Controller::policies(std::size_t most) const {
    const std::lock_guard guard(lock_);
    return archive_.newest(most);
}

Result<FiledPolicy> Controller::policy(std::uint64_t number) const {
    const std::lock_guard guard(lock_);
    return archive_.get(number);
}

Result<std::string> Controller::list_text(const FiledList& list) const {
    const std::lock_guard guard(lock_);
    return archive_.list_text(list);
}

std::vector<StartFault> Controller::start_faults() const {
    const std::lock_guard guard(lock_);
    return faults_.all();
}

} // namespace sweepgate::controller
