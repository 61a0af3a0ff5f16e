// SPDX-License-Identifier: Apache-2.0
// The replica's thread: sockets, timers, fetching. What becomes of a snapshot is in
// replica_enforce.cpp.
#include "controlplane/wire/replica_loop.hpp"

#include <algorithm>

#include "controlplane/wire/endpoint.hpp"
#include "controlplane/wire/instance.hpp"
#include "controlplane/wire/messages.hpp"
#include "controlplane/wire/payload.hpp"

namespace sweepgate::wire {

namespace {

constexpr std::chrono::milliseconds kFetchStalls{5000};
constexpr std::chrono::milliseconds kFirstBackoff{200};
constexpr std::chrono::milliseconds kMostBackoff{30'000};
constexpr std::chrono::milliseconds kIdle{1000};
/// Upstream has changed since what it gave could not be used: not waited for longer.
constexpr std::chrono::milliseconds kHastened{1000};
constexpr std::chrono::milliseconds kLookEvery{1000};
constexpr std::chrono::milliseconds kAskTrustAgain{5000};
constexpr std::uint64_t kMostClockMs = 253'402'300'800'000; // the year 10000

const Limits kUpdateLimits{kMaxAnnouncementBytes, 16, 1000};
const Limits kRequestLimits{kMaxRequestBytes, 1000, 64};

} // namespace

Replica::Loop::Loop(ReplicaOptions options, ReplicaHandlers handlers)
    : options_(std::move(options)), handlers_(std::move(handlers)), random_(std::random_device{}()),
      holding_({}), trust_(std::move(options_.trust)), last_good_(options_.state_file) {
    holding_.trust(trust_.keys(), trust_.most_generation());
    if (options_.state_fault.empty()) return;
    saved_ = Saved::no;
    save_fault_ = options_.state_fault;
}

Replica::Loop::~Loop() {
    stopping_ = true;
    wakeup_.order("stop", [] {});
    if (thread_.joinable()) thread_.join();
}

Status Replica::Loop::open() {
    if (trust_.keys().empty() && trust_.text().empty() && !trust_.is_rooted())
        return fail(Errc::bad_input, "a replica needs a key to verify with");
    if (options_.gate.empty() || options_.gate.size() > kMaxText)
        return fail(Errc::bad_input, "the gate's name '" + options_.gate.substr(0, kMaxText) +
                                         "' is empty or too long");
    if (!handlers_.on_snapshot) return fail(Errc::bad_input, "a replica needs a gate");
    if (wakeup_.fd() < 0) return fail(Errc::io, "eventfd: out of descriptors");
    for (const auto& text : {options_.updates, options_.requests}) {
        const auto endpoint = parse_endpoint(text);
        if (!endpoint) return tl::unexpected(endpoint.error());
    }
    instance_ = draw_instance(options_.state_file);
    return {};
}

Status Replica::Loop::connect() {
    if (auto ok = open_sockets(); !ok) return ok;
    next_report_ = Clock::now() + random_up_to(options_.report_every);
    thread_ = std::thread([this] { run(); });
    return {};
}

Status Replica::Loop::open_sockets() {
    auto updates = open_client(context_, zmq::socket_type::sub, kUpdateLimits, options_.updates,
                               options_.curve);
    if (!updates) return tl::unexpected(updates.error());
    auto requests = open_client(context_, zmq::socket_type::dealer, kRequestLimits,
                                options_.requests, options_.curve);
    if (!requests) return tl::unexpected(requests.error());
    updates_.emplace(std::move(*updates));
    requests_.emplace(std::move(*requests));
    fetcher_.stop();
    fetch_due_ = Clock::now();
    freshness_.begin(Clock::now());
    trust_asked_ = 0;
    trust_asked_first_ = false;
    reopen_due_ = Clock::now() + options_.silence_after + random_up_to(options_.silence_after);
    return {};
}

void Replica::Loop::reopen() {
    counters_.count("reopened");
    upstream_ = {}; // acknowledge again to whoever answers
    reopen_due_ = Clock::now() + options_.silence_after;
    if (auto ok = open_sockets(); !ok) refuse(ok.error());
}

void Replica::Loop::run() {
    while (!stopping_) {
        try {
            turn();
        } catch (const std::exception&) { // a handler's, or memory: the next message is served
            counters_.count("handler_threw");
        }
    }
    updates_.reset();
    requests_.reset();
}

std::chrono::milliseconds Replica::Loop::until_next() const {
    auto next = std::min({next_report_, reopen_due_, look_due_, Clock::now() + kIdle});
    if (fetch_due_) next = std::min(next, *fetch_due_);
    if (refused_) next = std::min(next, refused_->due);
    if (store_due_) next = std::min(next, *store_due_);
    if (fetcher_.active()) next = std::min(next, fetch_progress_ + kFetchStalls);
    return std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
}

void Replica::Loop::turn() {
    const auto readable = poll({&*updates_, &*requests_}, wakeup_.fd(), until_next());
    // Bounded, so that timers run also under a flood.
    for (int i = 0; readable[0] && i < 64; ++i) {
        const auto received = updates_->receive();
        if (!received) break;
        hear(*received);
    }
    for (int i = 0; readable[1] && i < 64; ++i) {
        const auto received = requests_->receive();
        if (!received) break;
        on_reply(*received);
    }
    if (readable[2]) wakeup_.run_posted();
    const auto now = Clock::now();
    if (fetcher_.active() && now >= fetch_progress_ + kFetchStalls) retry_fetch();
    // ZeroMQ never comes back from a refused key, which may be authorized by now.
    if (now >= reopen_due_) reopen();
    if (now >= look_due_) look_around();
    if (fetch_due_ && now >= *fetch_due_) fetch();
    if (refused_ && now >= refused_->due) try_again();
    if (store_due_ && now >= *store_due_) store();
    if (now >= next_report_) report();
    send_acknowledgement();
}

void Replica::Loop::hear(const Received& received) {
    proto::Announcement announcement;
    const auto now = Clock::now();
    if (received.parts.size() != 1 || !parse_message(received.parts[0], announcement))
        return counters_.count("malformed");
    using What = proto::Announcement::WhatCase;
    switch (announcement.what_case()) {
    case What::kBeacon: return on_beacon(announcement.beacon());
    case What::kSealedDelta: return on_delta(announcement.sealed_delta(), now);
    case What::kProbe: return on_probe(announcement.probe());
    case What::kReportWanted:
        if (handlers_.on_reports_wanted) handlers_.on_reports_wanted();
        return report();
    case What::kTop: return on_top(announcement.top());
    case What::kTrust: return on_trust(announcement.trust());
    case What::WHAT_NOT_SET: return counters_.count("malformed");
    }
}

void Replica::Loop::on_beacon(const proto::Beacon& beacon) {
    Upstream said{beacon.epoch(), beacon.generation(), {}};
    if (!digest_from_bytes(beacon.digest(), said.digest)) return counters_.count("malformed");
    {
        const std::lock_guard lock(mutex_);
        last_beacon_ = Clock::now();
        reopen_due_ = last_beacon_ + options_.silence_after;
        heard_ = true;
        upstream_generation_ = said.generation;
        clock_offset_.reset();
        if (beacon.clock_ms() != 0 && beacon.clock_ms() < kMostClockMs)
            clock_offset_ = clock_now() - std::chrono::milliseconds(beacon.clock_ms());
    }
    const bool anew = said.epoch != upstream_.epoch;
    upstream_ = said;
    const auto& held = holding_.held();
    if (anew) {
        // A publisher that started anew knows nothing of us.
        if (held) acknowledge(*held, {}, Clock::duration(0));
        next_report_ = Clock::now();
    }
    if (!beacon.proof().empty()) on_proof(beacon.proof());
    // Ahead of what the keys of that list have signed.
    const bool asked =
        trust_asked_ == beacon.trust_version() && Clock::now() < trust_asked_at_ + kAskTrustAgain;
    if (beacon.trust_version() > trust_.version() && !asked) {
        trust_asked_ = beacon.trust_version();
        trust_asked_at_ = Clock::now();
        ask_for_trust();
    }
    follow_upstream(std::chrono::milliseconds(std::min<std::uint32_t>(beacon.spread_ms(), 60'000)));
}

bool Replica::Loop::ask_for_trust() {
    proto::Request request;
    request.set_trust_wanted(true);
    return send(request);
}

void Replica::Loop::on_proof(const std::string& bytes) {
    const auto proof = open_proof(bytes, trust_.keys());
    if (!proof) return counters_.count("forged_proof");
    if (!freshness_.take(*proof, Clock::now())) return counters_.count("stale_proof");
    if (handlers_.on_proof) handlers_.on_proof(bytes);
}

void Replica::Loop::on_trust(const std::string& list) {
    if (list.empty()) return; // there is none any more; what was withdrawn stays so
    Result<bool> taken = false;
    {
        const std::lock_guard lock(mutex_);
        taken = trust_.take(list);
    }
    if (!taken) {
        counters_.count("trust_refused");
        trust_refusal_ = taken.error().what;
        return look_around();
    }
    trust_refusal_.clear();
    if (!*taken) return;
    counters_.count("trust_lists");
    adopt_trust();
    if (handlers_.on_trust) handlers_.on_trust(trust_.text(), trust_.version());
}

void Replica::Loop::adopt_trust() {
    {
        const std::lock_guard lock(mutex_);
        holding_.trust(trust_.keys(), trust_.most_generation());
    }
    // What was refused may be good by now.
    clear_refusal();
    unusable_.reset();
    fetch_backoff_ = {};
    fetch_within(std::chrono::milliseconds(0));
    next_report_ = Clock::now();
}

void Replica::Loop::tell_trust_faults() {
    if (trust_.faults() == trust_faults_) return;
    for (const auto& fault : trust_.faults())
        if (std::ranges::find(trust_faults_, fault) == trust_faults_.end())
            refuse({Errc::bad_input, fault});
    trust_faults_ = trust_.faults();
    next_report_ = Clock::now();
}

void Replica::Loop::look_around() {
    const auto now = Clock::now();
    look_due_ = now + kLookEvery;
    bool changed = false;
    {
        const std::lock_guard lock(mutex_);
        changed = trust_.look();
    }
    if (changed) adopt_trust();
    tell_trust_faults();
    std::string standstill = trust_refusal_;
    const bool hears = heard_ && now - last_beacon_ < options_.silence_after;
    const auto said = freshness_.last().generation;
    const bool withheld = hears && said > upstream_.generation && said > holding_.generation();
    if (!withheld) withheld_since_.reset();
    if (withheld && !withheld_since_) withheld_since_ = now;
    if (hears && freshness_.age(now) > options_.fresh_within)
        standstill = "upstream shows nothing new that the controller has signed: it is frozen, "
                     "hears no controller or one that cannot sign, or is of before 0.2";
    else if (withheld && now - *withheld_since_ > options_.fresh_within)
        standstill = "the controller has published generation " + std::to_string(said) +
                     ", and upstream has " + std::to_string(upstream_.generation);
    if (standstill == standstill_) return;
    {
        const std::lock_guard lock(mutex_);
        standstill_ = standstill;
    }
    next_report_ = now;
    if (!standstill.empty()) refuse({Errc::unavailable, standstill});
}

void Replica::Loop::follow_upstream(std::chrono::milliseconds spread) {
    const auto& held = holding_.held();
    const auto ours = holding_.generation();
    // Whatever it has, we would not take it: what it has is not fetched.
    if (upstream_.generation != 0 && upstream_.generation <= ours && !fetch_whole_)
        fetch_due_.reset();
    if (upstream_.generation < ours) {
        counters_.count("older");
        if (upstream_.generation != 0)
            set_refusal({Errc::conflict, "generation " + std::to_string(upstream_.generation) +
                                             " is older than the held " + std::to_string(ours)});
        return;
    }
    if (upstream_.generation == ours) {
        if (!held || held->digest == upstream_.digest) return refused_ ? void() : clear_refusal();
        counters_.count("digest_differs");
        return set_refusal({Errc::conflict, "generation " + std::to_string(ours) +
                                                " came twice with different content"});
    }
    // What led nowhere is fetched again at its own pace, unless there is something else by now.
    if (unusable_ && !(*unusable_ == upstream_)) {
        unusable_.reset();
        if (fetch_due_) fetch_due_ = std::min(*fetch_due_, Clock::now() + random_up_to(kHastened));
    }
    // What the gate refused is here already and is tried again by itself.
    if (!refused_ || upstream_.generation > refused_->candidate.snapshot.generation)
        fetch_within(spread);
}

void Replica::Loop::on_probe(const std::string& address_bytes) {
    const auto address = address_from_wire(address_bytes);
    if (!address) return counters_.count("malformed");
    if (handlers_.on_probe_wanted) handlers_.on_probe_wanted(*address);
    if (!handlers_.on_probe) return;
    auto answer = handlers_.on_probe(*address);
    answer.gate = options_.gate;
    answer.kind = options_.kind;
    proto::Request request;
    encode(*address, answer, *request.mutable_answer());
    send(request);
}

void Replica::Loop::on_top(const proto::TopQuery& message) {
    const auto query = decode(message);
    if (!query) return counters_.count("malformed");
    if (handlers_.on_top_wanted) handlers_.on_top_wanted(message.id(), *query);
    TopAnswer answer;
    if (handlers_.on_top)
        answer = handlers_.on_top(*query);
    else
        answer.error = "counts by system only";
    answer.gate = options_.gate;
    answer.kind = options_.kind;
    proto::Request request;
    encode(answer, message.id(), *request.mutable_top());
    send(request);
}

void Replica::Loop::name(HitEvents& events) const {
    events.gate = options_.gate;
    events.kind = options_.kind;
}

void Replica::Loop::on_reply(const Received& received) {
    proto::Reply reply;
    if (received.parts.size() != 1 || !parse_message(received.parts[0], reply))
        return counters_.count("malformed");
    using What = proto::Reply::WhatCase;
    switch (reply.what_case()) {
    case What::kChunk: return on_chunk(reply.chunk());
    case What::kCurrent:
    case What::kNone: // the beacon will say when there is something
        fetcher_.stop();
        fetch_backoff_ = {};
        if (!refused_) clear_refusal();
        return;
    case What::kMoved: return retry_fetch();
    case What::kTrust: return on_trust(reply.trust());
    case What::kRefused:
        set_refusal({Errc::refused, "upstream: " + reply.refused().substr(0, kMaxErrorText)});
        return retry_fetch();
    default: return counters_.count("malformed");
    }
}

void Replica::Loop::on_chunk(const proto::Chunk& chunk) {
    fetch_progress_ = Clock::now();
    if (auto ok = fetcher_.take(chunk); !ok) {
        counters_.count("malformed");
        return retry_fetch();
    }
    for (const auto& fetch : fetcher_.wanted()) {
        proto::Request request;
        *request.mutable_fetch() = fetch;
        send(request);
    }
    if (auto chain = fetcher_.finished()) on_chain(std::move(*chain));
}

void Replica::Loop::fetch_within(std::chrono::milliseconds spread) {
    if (!fetcher_.active() && !fetch_due_) fetch_due_ = Clock::now() + random_up_to(spread);
}

void Replica::Loop::fetch() {
    fetch_due_.reset();
    const auto& held = holding_.held();
    proto::Request request;
    *request.mutable_fetch() = held && !fetch_whole_
                                   ? fetcher_.start(held->snapshot.generation, held->digest)
                                   : fetcher_.start(0, {});
    fetch_progress_ = Clock::now();
    if (!trust_asked_first_) trust_asked_first_ = ask_for_trust();
    if (!send(request)) return retry_fetch();
    counters_.count("fetches");
}

void Replica::Loop::retry_fetch() {
    fetcher_.stop();
    fetch_backoff_ = std::clamp(fetch_backoff_ * 2, kFirstBackoff, kMostBackoff);
    // At least half of it, so that the backoff backs off; the rest is jitter.
    fetch_due_ = Clock::now() + fetch_backoff_ / 2 + random_up_to(fetch_backoff_ / 2);
}

bool Replica::Loop::send(const proto::Request& request) {
    const auto bytes = serialize_message(request);
    const bool fits = bytes.size() <= static_cast<std::size_t>(kMaxRequestBytes);
    if (fits && requests_ && requests_->send({bytes}) == Sent::yes) return true;
    counters_.count("unsent");
    return false;
}

std::chrono::milliseconds Replica::Loop::random_up_to(std::chrono::milliseconds most) {
    return std::chrono::milliseconds(
        std::uniform_int_distribution<std::chrono::milliseconds::rep>(0, most.count())(random_));
}

void Replica::Loop::forward(const std::string& key, proto::Request request) {
    const auto bytes = request.ByteSizeLong();
    const bool taken = wakeup_.post_newest(
        key, [this, request = std::move(request)] { send(request); }, bytes);
    if (!taken) counters_.count("overloaded");
}

} // namespace sweepgate::wire
