// SPDX-License-Identifier: Apache-2.0
// From bytes to an enforced snapshot: verify, hand to the gate, hold, save, acknowledge.
#include "controlplane/wire/envelope.hpp"
#include "controlplane/wire/messages.hpp"
#include "controlplane/wire/payload.hpp"
#include "controlplane/wire/replica_loop.hpp"
#include "controlplane/wire/store.hpp"

namespace sweepgate::wire {

namespace {

// A chain longer than this is replaced by whatever upstream has, which is short at its source.
constexpr std::size_t kLongChain = 16;
constexpr std::chrono::milliseconds kCompactWithin{2000};
constexpr std::chrono::milliseconds kFirstRetry{1000};
constexpr std::chrono::milliseconds kMostRetry{30'000};

std::string reason_of(const Error& error) {
    switch (error.code) {
    case Errc::refused: return "forged";
    case Errc::conflict: return "older";
    case Errc::stale_generation: return "gap";
    default: return "malformed";
    }
}

} // namespace

void Replica::Loop::restore() {
    if (!trust_.text().empty() && handlers_.on_trust)
        handlers_.on_trust(trust_.text(), trust_.version());
    if (options_.state_file.empty()) return;
    // What was good when it was saved is in force until there is something else, whatever has
    // become of its key since.
    holding_.trust(trust_.keys_of_the_past(), last_of(kMostEpoch));
    restore_last_good();
    holding_.trust(trust_.keys(), trust_.most_generation());
}

void Replica::Loop::restore_last_good() {
    auto stored = load(options_.state_file);
    if (!stored) {
        if (stored.error().code == Errc::not_found) return;
        counters_.count("bad_state");
        return refuse(stored.error());
    }
    auto candidate = holding_.open(*stored);
    const bool whole = candidate.has_value();
    if (!whole) {
        counters_.count("bad_state");
        const auto fault = options_.state_file.string() + ": " + candidate.error().what;
        candidate = open_what_is_left(*stored);
        refuse(
            {Errc::bad_input,
             fault + (candidate ? "; generation " + std::to_string(candidate->snapshot.generation) +
                                      " is what is left of it"
                                : std::string())});
        if (!candidate) return;
    }
    counters_.count("restored");
    const auto now = Clock::now();
    const auto ok = call_gate(*candidate);
    acknowledge(*candidate, ok ? "" : ok.error().what, Clock::now() - now);
    if (!ok) {
        // We may have died after it was saved and before the gate refused it.
        auto earlier = open_before(*candidate);
        postpone(std::move(*candidate), now, ok.error());
        if (!earlier || !call_gate(*earlier)) return;
        candidate = std::move(earlier);
    }
    note_saved({}, candidate->snapshot.generation);
    {
        const std::lock_guard lock(mutex_);
        holding_.accept(std::move(*candidate));
    }
    if (!whole) store(); // the damaged file makes way
}

Result<Candidate> Replica::Loop::open_before(const Candidate& candidate) {
    const auto links = links_of(candidate.chain);
    if (!links) return tl::unexpected(links.error());
    if (links->size() > 1)
        return holding_.open(
            candidate.chain.substr(0, candidate.chain.size() - links->back().size()));
    auto earlier = load(before(options_.state_file));
    if (!earlier) return tl::unexpected(earlier.error());
    return holding_.open(std::move(*earlier));
}

/// The front of a damaged chain, or the file before it: whichever is newer.
Result<Candidate> Replica::Loop::open_what_is_left(const std::string& stored) {
    auto front = holding_.open(std::string(intact_front(stored, trust_.keys_of_the_past())));
    auto earlier = load(before(options_.state_file));
    auto whole = earlier ? holding_.open(std::move(*earlier))
                         : Result<Candidate>(tl::unexpected(earlier.error()));
    const bool is_newer =
        whole && (!front || whole->snapshot.generation > front->snapshot.generation);
    return is_newer ? std::move(whole) : std::move(front);
}

void Replica::Loop::on_delta(const std::string& sealed, Clock::time_point received) {
    counters_.count("deltas");
    auto candidate = holding_.extend(sealed);
    if (candidate) return enforce(std::move(*candidate), received);
    // Its generation is already held: a repeat, not an attack.
    if (candidate.error().code == Errc::conflict) return counters_.count("repeated");
    counters_.count(reason_of(candidate.error()));
    if (candidate.error().code == Errc::refused) return set_refusal(candidate.error());
    fetch_within(std::chrono::milliseconds(0));
}

void Replica::Loop::on_chain(std::string chain) {
    const auto received = fetch_progress_;
    fetch_whole_ = false;
    auto candidate = holding_.open(std::move(chain));
    if (!candidate) {
        counters_.count(reason_of(candidate.error()));
        set_refusal(candidate.error());
        unusable_ = upstream_;
        return retry_fetch();
    }
    if (!holding_.held() && expired(*candidate)) {
        // Whoever holds nothing has no way to tell how much newer there is.
        counters_.count("expired_first");
        set_refusal({Errc::refused,
                     "generation " + std::to_string(candidate->snapshot.generation) +
                         " has expired, and nothing is held that it could follow; is the clock of "
                         "this box right, and does upstream still hear its controller?"});
        unusable_ = upstream_;
        return retry_fetch();
    }
    fetch_backoff_ = {};
    unusable_.reset();
    counters_.count("snapshots");
    // A refused one may have been in force before we started: nothing older takes its place.
    if (refused_ && candidate->snapshot.generation < refused_->candidate.snapshot.generation)
        return counters_.count("older");
    if (!holding_.is_held(*candidate)) return enforce(std::move(*candidate), received);
    hold(std::move(*candidate)); // the same content on a shorter chain
    store();
}

void Replica::Loop::enforce(Candidate candidate, Clock::time_point received) {
    const auto& held = holding_.held();
    const auto saved =
        last_good_.keep(candidate.chain, held ? std::string_view(held->chain) : std::string_view());
    const auto ok = call_gate(candidate);
    const auto took = Clock::now() - received;
    if (!ok) {
        if (auto undone = last_good_.take_back(); !undone) refuse(undone.error());
        acknowledge(candidate, ok.error().what, took);
        send_acknowledgement();
        return postpone(std::move(candidate), received, ok.error());
    }
    counters_.count("enforced");
    refused_.reset();
    clear_refusal();
    hold(std::move(candidate));
    note_saved(saved, holding_.generation());
    acknowledge(*holding_.held(), {}, took);
    send_acknowledgement();
    compact();
}

void Replica::Loop::postpone(Candidate candidate, Clock::time_point received, const Error& error) {
    counters_.count("gate_refused");
    set_refusal(error);
    const bool again = refused_ && refused_->candidate.digest == candidate.digest;
    const auto wait = again ? std::min(refused_->wait * 2, kMostRetry) : kFirstRetry;
    refused_.emplace(Refused{std::move(candidate), received, wait, Clock::now() + wait});
}

void Replica::Loop::try_again() {
    counters_.count("tried_again");
    enforce(refused_->candidate, refused_->received);
}

Status Replica::Loop::call_gate(const Candidate& candidate) {
    try {
        return handlers_.on_snapshot(candidate.snapshot, candidate.digest, candidate.chain);
    } catch (const std::exception& error) {
        return fail(Errc::io, std::string("the gate threw: ") + error.what());
    }
}

void Replica::Loop::hold(Candidate candidate) {
    const std::lock_guard lock(mutex_);
    holding_.accept(std::move(candidate));
}

void Replica::Loop::store() {
    if (const auto& held = holding_.held())
        note_saved(last_good_.keep(held->chain, {}), held->snapshot.generation);
}

void Replica::Loop::note_saved(const Status& ok, Generation generation) {
    store_due_.reset();
    if (options_.state_file.empty()) return;
    const auto fault = ok ? std::string() : ok.error().what;
    const bool news = fault != save_fault_;
    {
        const std::lock_guard lock(mutex_);
        saved_ = ok ? Saved::yes : Saved::no;
        if (ok) saved_generation_ = generation;
        save_fault_ = fault;
    }
    store_wait_ =
        ok ? std::chrono::milliseconds(0) : std::clamp(store_wait_ * 2, kFirstRetry, kMostRetry);
    if (news) next_report_ = Clock::now();
    if (ok) return;
    store_due_ = Clock::now() + store_wait_;
    counters_.count("state_not_saved");
    if (news) refuse({ok.error().code, "not saved: " + fault});
}

void Replica::Loop::refuse(const Error& error) {
    if (handlers_.on_fault) handlers_.on_fault(error);
}

void Replica::Loop::set_refusal(const Error& error) {
    if (refusal_ == error.what) return;
    {
        const std::lock_guard lock(mutex_);
        refusal_ = error.what;
    }
    refuse(error);
    next_report_ = Clock::now();
}

void Replica::Loop::clear_refusal() {
    if (refusal_.empty()) return;
    const std::lock_guard lock(mutex_);
    refusal_.clear();
    next_report_ = Clock::now();
}

Speaker Replica::Loop::speaker() const {
    return {instance_,       options_.version,  static_cast<std::uint64_t>(clock_now().count()),
            saved_,          saved_generation_, refusal_.empty() ? standstill_ : refusal_,
            trust_.version()};
}

void Replica::Loop::compact() {
    const auto& held = holding_.held();
    if (held->links <= kLongChain || compacted_ + kLongChain > held->snapshot.generation) return;
    compacted_ = held->snapshot.generation;
    fetch_whole_ = true;
    fetch_within(kCompactWithin);
}

void Replica::Loop::acknowledge(const Candidate& candidate, const std::string& error,
                                Clock::duration took) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
    unsent_acknowledgement_ = // only the newest matters
        Acknowledgement{options_.gate,
                        options_.kind,
                        candidate.snapshot.generation,
                        candidate.digest,
                        error,
                        static_cast<std::uint64_t>(us),
                        {}};
}

void Replica::Loop::send_acknowledgement() {
    if (!unsent_acknowledgement_ || !heard_) return;
    unsent_acknowledgement_->speaker = speaker();
    proto::Request request;
    encode(*unsent_acknowledgement_, *request.mutable_acknowledgement());
    if (send(request)) unsent_acknowledgement_.reset();
}

bool Replica::Loop::expired(const Candidate& candidate) const {
    return std::chrono::system_clock::now() > candidate.snapshot.expires_at;
}

void Replica::Loop::report() {
    next_report_ = Clock::now() + options_.report_every;
    GateReport report;
    const auto& held = holding_.held();
    if (held) {
        report.generation = held->snapshot.generation;
        report.digest = held->digest;
    }
    if (handlers_.make_report) report = handlers_.make_report();
    report.gate = options_.gate;
    report.kind = options_.kind;
    report.expired = held && expired(*held);
    report.speaker = speaker();
    for (const auto& fault : trust_.faults())
        report.warnings.emplace_back(kFaultWarning).append("verify key: ").append(fault);
    if (!save_fault_.empty()) report.warnings.push_back("not saved: " + save_fault_);
    proto::Request request;
    encode(report, *request.mutable_report());
    send(request);
}

ReplicaState Replica::Loop::state() const {
    const std::lock_guard lock(mutex_);
    ReplicaState state;
    if (const auto& held = holding_.held()) {
        state.generation = held->snapshot.generation;
        state.digest = held->digest;
        state.expired = expired(*held);
    }
    state.connected = heard_ && Clock::now() - last_beacon_ < options_.silence_after;
    state.upstream_generation = upstream_generation_;
    state.saved = saved_;
    state.saved_generation = saved_generation_;
    state.save_fault = save_fault_;
    state.refusal = refusal_.empty() ? standstill_ : refusal_;
    state.trust_version = trust_.version();
    state.clock_offset = clock_offset_;
    state.counters = counters_.values();
    return state;
}

std::string Replica::Loop::sealed() const {
    const std::lock_guard lock(mutex_);
    return holding_.held() ? holding_.held()->chain : std::string();
}

std::string Replica::Loop::trust_list() const {
    const std::lock_guard lock(mutex_);
    return trust_.text();
}

void Replica::Loop::report_now() {
    wakeup_.order("report", [this] { report(); });
}

} // namespace sweepgate::wire
