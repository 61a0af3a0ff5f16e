// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/controller.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "controlplane/model/text.hpp"

namespace sweepgate::controller {

namespace {

/// What only ages is looked at about each second, and in a twentieth of the time at most.
constexpr std::chrono::seconds kRebuildEvery{1};
constexpr int kRebuildShare = 20;
constexpr std::chrono::seconds kCoveragesKept{10};
constexpr std::chrono::hours kMostAhead{1};

} // namespace

Instant now() {
    return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
}

void Controller::attach(std::function<void(wire::Update)> send,
                        std::function<void(const SigningDesk&)> announce_keys) {
    const std::lock_guard guard(lock_);
    send_ = std::move(send);
    announce_keys_ = std::move(announce_keys);
    if (announce_keys_) announce_keys_(signing_);
    if (current_) send_({current_->generation, digest_of(*current_), sealed_, {}});
}

std::vector<BookName> Controller::names() const {
    const std::lock_guard guard(lock_);
    return names_to_sweep(catalog_, policy_);
}

std::vector<SrvOwner> Controller::services() const {
    const std::lock_guard guard(lock_);
    return srv_owners(catalog_, policy_);
}

View Controller::view() const {
    const std::lock_guard guard(lock_);
    raise_start_faults();
    return {catalog_,
            policy_,
            filed_.number,
            current_,
            plan_,
            rounds_.summary(now()),
            names_to_sweep(catalog_, policy_).size(),
            board_.standing(),
            {signing_.key() != nullptr ? fingerprint(signing_.key()->verify_key()) : "",
             signing_.trust().version()}};
}

std::set<std::string> Controller::known_names() const {
    const std::lock_guard guard(lock_);
    std::set<std::string> known;
    if (const auto names = book_.names())
        for (const auto& name : *names)
            if (name.last_answered != Instant{}) known.insert(name.name.hostname);
    return known;
}

Result<std::vector<NameNews>> Controller::record(const Round& round) {
    using Clock = std::chrono::steady_clock;
    const std::lock_guard guard(lock_);
    rounds_.add(round, now());
    auto outcome = book_.record(round.observations);
    note_storage(outcome ? Status{} : Status(tl::unexpected(outcome.error())));
    if (!outcome) {
        rounds_.fail(outcome.error().what);
        return tl::unexpected(outcome.error());
    }
    const auto forged = guard_.learn(round.forged, now());
    if (!forged) spdlog::error("guard: {}", printable(forged.error().what));
    const bool learnt = forged && *forged;
    if (!outcome->changed() && !learnt && current_ && Clock::now() < rebuild_at_)
        return std::move(outcome->news);
    const auto start = Clock::now();
    const auto generation = rebuild("sweep");
    rebuild_at_ = Clock::now() +
                  std::max<Clock::duration>(kRebuildEvery, kRebuildShare * (Clock::now() - start));
    if (!generation) {
        rounds_.fail(generation.error().what);
        return tl::unexpected(generation.error());
    }
    return std::move(outcome->news);
}

void Controller::record_failure(const Error& error) {
    const std::lock_guard guard(lock_);
    rounds_.fail(error.what);
}

Instant Controller::book_time() const { return std::min(now(), book_.evidence()); }

Result<Snapshot> Controller::make_snapshot(const SnapshotPlan& plan, Generation number) const {
    const auto issued = now();
    return build_snapshot(plan.translated_parts(), number, issued,
                          issued + config_.publish.lifetime);
}

Generation Controller::next_generation() const {
    return signing_.after(std::max(newest_, current_ ? current_->generation : 0));
}

Snapshot Controller::renewed() const {
    auto again = *current_;
    again.generation = next_generation();
    again.issued_at = now();
    again.expires_at = again.issued_at + config_.publish.lifetime;
    return again;
}

void Controller::note_storage(const Status& written) {
    if (!no_storage_.empty()) return;
    if (written || written.error().code != Errc::io) return faults_.clear("storage");
    faults_.replace("storage", "broken",
                    {written.error().what + "; nothing changes until it can be written again"});
}

void Controller::set_resolvers(const std::vector<std::string>& servers) {
    const std::lock_guard guard(lock_);
    config_.resolver.servers = servers;
    config_.book.resolvers = static_cast<unsigned>(config_.resolver.distinct_servers().size());
    book_.set_resolvers(config_.book.resolvers);
}

void Controller::replace_faults(std::string_view kind, std::string_view severity,
                                const std::vector<std::string>& texts) {
    const std::lock_guard guard(lock_);
    faults_.replace(kind, severity, texts);
}

Result<Generation> Controller::rebuild(const std::string& cause, const DnsPart* decided,
                                       const MayTake& may_take) {
    if (!frozen_.empty()) return keep_published();
    auto plan = make_plan(policy_, decided);
    if (!plan) return tl::unexpected(plan.error());
    auto snapshot = make_snapshot(*plan, next_generation());
    if (!snapshot) return tl::unexpected(snapshot.error());
    if (may_take)
        if (auto ok = may_take(*snapshot); !ok) return tl::unexpected(ok.error());
    // One issued in what is now the future was so by a clock that has been put right since.
    const bool fresh = current_ && now() < current_->issued_at + config_.publish.lifetime / 2 &&
                       current_->issued_at <= now() + kMostAhead && current_->generation > floor_;
    const bool same = fresh && digest_of(*snapshot) == digest_of(*current_);
    const auto generation =
        same ? Result<Generation>(current_->generation) : publish(std::move(*snapshot), cause);
    if (generation) {
        plan_ = std::make_shared<const SnapshotPlan>(std::move(*plan));
        guard_.remember(plan_->dns);
        raise_alarms();
    }
    return generation;
}

Result<Generation> Controller::keep_published() {
    if (!current_) return fail(Errc::unavailable, frozen_);
    if (now() < current_->issued_at + config_.publish.lifetime / 2 && current_->generation > floor_)
        return current_->generation;
    return publish(renewed(), "renewed");
}

Result<Generation> Controller::publish(Snapshot snapshot, const std::string& cause) {
    const auto* key = signing_.key();
    if (key == nullptr)
        return fail(Errc::unavailable, "nothing can be signed: the signing key cannot be used");
    auto sealed = wire::seal_snapshot(snapshot, *key);
    if (!sealed) return tl::unexpected(sealed.error());
    std::string sealed_delta;
    if (current_) {
        auto delta = wire::seal_delta(diff(*current_, snapshot), *key);
        if (!delta) return tl::unexpected(delta.error());
        sealed_delta = std::move(*delta);
    }
    const auto digest = digest_of(snapshot);
    // On disk before on the wire: a generation number is never used twice.
    const auto written = book_.publish({snapshot.generation, digest, snapshot.issued_at, cause,
                                        std::vector<std::uint8_t>(sealed->begin(), sealed->end())});
    note_storage(written);
    if (!written) return tl::unexpected(written.error());
    spdlog::info("generation {}: {} prefixes, {} ({})", snapshot.generation,
                 snapshot.entries.size(), printable(cause), to_hex(digest).substr(0, 12));
    current_ = std::make_shared<const Snapshot>(std::move(snapshot));
    sealed_ = std::move(*sealed);
    approved_.clear();
    newest_ = current_->generation;
    keep_published_copy(made_by_person(cause));
    if (send_) send_({current_->generation, digest, sealed_, std::move(sealed_delta)});
    return current_->generation;
}

Result<std::vector<BookEntry>> Controller::history(const Address& address) const {
    const std::lock_guard guard(lock_);
    return book_.history(address, book_time());
}

Result<std::vector<BookEntry>> Controller::history(const std::string& hostname) const {
    const std::lock_guard guard(lock_);
    return book_.history(hostname, book_time());
}

Result<std::vector<NameState>>
Controller::name_states(const std::set<std::string>& hostnames) const {
    const std::lock_guard guard(lock_);
    std::vector<NameState> found;
    for (const auto& hostname : hostnames) {
        auto states = book_.names(hostname);
        if (!states) return states;
        found.insert(found.end(), states->begin(), states->end());
    }
    return found;
}

SystemCoverages Controller::coverages() const {
    const std::lock_guard guard(lock_);
    const auto start = std::chrono::steady_clock::now();
    if (start < coverages_until_) return coverages_;
    coverages_until_ = start + kCoveragesKept;
    struct Sum {
        double seen = 0;
        double thought = 0;
    };
    std::map<std::string, Sum> sums;
    const auto names = book_.names();
    if (!names) return coverages_;
    for (const auto& name : *names) {
        if (name.name.system.empty() || !name.completeness.coverage()) continue;
        sums[name.name.system].seen += static_cast<double>(name.completeness.seen);
        sums[name.name.system].thought += name.completeness.estimated();
    }
    coverages_.clear();
    for (const auto& [system, sum] : sums)
        if (sum.thought > 0) coverages_[system] = sum.seen / sum.thought;
    return coverages_;
}

Result<std::vector<AuditEntry>> Controller::audit_log(std::size_t limit) const {
    const std::lock_guard guard(lock_);
    return book_.audit_log(limit);
}

Result<std::vector<PublishedGeneration>> Controller::generations(std::size_t limit) const {
    const std::lock_guard guard(lock_);
    return book_.generations(limit);
}

Result<Snapshot> Controller::published(Generation number) const {
    const std::lock_guard guard(lock_);
    if (current_ && current_->generation == number) return *current_;
    const auto kept = book_.generation(number);
    if (!kept) return tl::unexpected(kept.error());
    return wire::open_snapshot(
        {reinterpret_cast<const char*>(kept->sealed.data()), kept->sealed.size()},
        signing_.own_keys());
}

} // namespace sweepgate::controller
