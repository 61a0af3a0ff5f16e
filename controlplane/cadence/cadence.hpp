// SPDX-License-Identifier: Apache-2.0
// When each name is asked again: one due time for each name, record type and vantage point. Pure:
// the caller brings the clock, asks what take() says and tells what it heard.
//
//   the TTL     not before it has run out where a cache answers, since it cannot say anything else;
//               a TTL below `shortest` counts as that, unless it may be the rest of a longer one
//   churn       a name with unseen addresses to come is asked again after `repeat`, within the TTL,
//               unless its server is a cache that repeats itself (same answer, falling TTL)
//   quorum      an unseen address sends the name to the other servers of its vantage point at once,
//               so that they can confirm it
//   budget      what churning names leave of it, stable ones (kStable answers without anything
//               new, and no move for `longest`) share by waiting longer, all by the same factor, up
//               to `longest`; a TTL above `longest` stands
//   move        where a stable name brings an unseen address, its other questions are asked as soon
//               as their TTLs allow: who renumbers one family mostly renumbers the other
//   failure     first_backoff, doubled up to last_backoff (RFC 9520 section 3.2: 1 s to 5 min)
//   jitter      +-10 %; of a TTL that must run out, up to 10 % behind it
//   start       names that were known before are spread over `shortest`, new ones asked at once
//
// When the budget is short the name with most information to expect goes first: due times are
// compared after bringing each forward by `longest` times the unseen addresses expected in its next
// answer, at most one. So a stable name waits behind a rotating one for an hour at most, and none
// for ever.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <random>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "controlplane/cadence/cache_evidence.hpp"
#include "controlplane/cadence/question_budget.hpp"
#include "resolver/answer.hpp"

namespace sweepgate {

struct CadenceOptions {
    std::chrono::milliseconds shortest{1'000};
    std::chrono::milliseconds longest{3'600'000};
    std::chrono::milliseconds repeat{1'000};
    std::chrono::milliseconds first_backoff{5'000};
    std::chrono::milliseconds last_backoff{300'000};
    unsigned questions_per_second = 0; // over everything, without the transport's retries; 0: any
    unsigned most_repeats = 600;       // within a TTL, a name and `longest`
    /// The servers of each vantage point, as places among SweepOptions::servers; asked in turn.
    /// With one vantage point alone any server may answer.
    std::vector<std::vector<std::uint8_t>> vantages{{0}};
    std::uint32_t seed = 0;
};

/// A name that is to be asked, with the types asked for it.
struct Wanted {
    std::string hostname;
    bool addresses = false; // A and AAAA
    bool https = false;
    bool services = false; // SRV

    friend auto operator<=>(const Wanted&, const Wanted&) = default;
};

/// One question to ask now. `task` goes back with what was heard.
struct Ask {
    std::uint32_t task = 0;
    std::uint8_t vantage = 0;
    Question question;
};

class Cadence {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    /// Healthy names, and those that failed last time: whoever waits for the silent ones does not
    /// keep the others waiting.
    enum class Lane : std::uint8_t { healthy, failing };

    explicit Cadence(CadenceOptions options);

    /// `wanted` sorted by hostname, unique. What is new is asked at once; when `known` says that an
    /// earlier run has asked it, spread over `shortest`. What is missing is asked no more.
    void set_names(std::span<const Wanted> wanted, TimePoint now,
                   const std::function<bool(const std::string&)>& known = {});
    /// What is due, at most `most` of it. Each is in flight until heard() or dropped().
    [[nodiscard]] std::vector<Ask> take(Lane lane, std::size_t most, TimePoint now);
    struct Heard {
        bool fresh = true;   // no cache has given this very answer before
        bool changed = true; // other than the last time: in content, or failing where it did not
    };
    /// `identity` stands for the content of the answer, whatever its order.
    Heard heard(const Ask& ask, const Answer& answer, std::uint64_t identity, TimePoint now);
    /// It was not asked after all.
    void dropped(const Ask& ask, TimePoint now);
    /// No answer so far, and others wait: asked again at once, in the failing lane.
    void delayed(const Ask& ask, TimePoint now);
    /// What the answers of a name brought: unseen addresses, and how many the next one is to bring.
    void learn(const std::string& hostname, RrType type, bool added, double expected_new,
               TimePoint now);
    /// Everything is due.
    void hurry(TimePoint now);
    /// A few names that were answered last time are due: whether it is the names that are dead, or
    /// the resolvers.
    void probe(TimePoint now);
    /// When take() will have something; nothing while it has no names.
    [[nodiscard]] std::optional<TimePoint> next_due(Lane lane, TimePoint now);

    struct Tally {
        std::size_t tasks = 0;
        std::size_t failing = 0;
        std::size_t waiting = 0; // due, and beyond the budget
        double wanted_per_second = 0;
        double budget_per_second = 0; // 0: any
        double stretch = 1;           // of stable names' intervals
    };
    [[nodiscard]] Tally tally() const;

private:
    static constexpr std::uint8_t kStable = 3;

    struct Task {
        std::uint32_t name = 0;
        RrType type = RrType::a;
        std::uint8_t vantage = 0;
        std::uint8_t failures = 0;
        std::uint8_t confirm = 0; // other servers still to be asked about an unseen address
        std::uint8_t steady = 0;  // answers without anything new, up to kStable
        std::uint8_t server = 0;  // of the last answer
        bool alive = false;       // else it is asked no more
        bool in_flight = false;
        bool asked = false;
        bool early = false;     // the last wait was the rest of a TTL below `shortest`
        bool short_ttl = false; // and the next TTL was no longer
        bool cached = false;    // the last answer may not change before its TTL has run out
        bool slow = false;      // it kept others waiting; nobody knows yet whether it fails
        bool differed = false;  // not all its answers were the same
        bool in_stable = false; // where `rate` is counted
        std::uint16_t repeats = 0;
        std::uint32_t stamp = 0; // of its entry in a queue; others are void
        std::uint32_t turn = 0;
        std::uint32_t ttl = 0; // s, of the last answer
        float rate = 0;        // questions a second that it wants
        float expected_new = 1;
        std::uint64_t identity = 0;
        std::chrono::milliseconds base{0}; // from one answer to the next, unless repeated
        TimePoint heard_at{};
        TimePoint repeats_since{};
        std::optional<TimePoint> moved_at; // the last time that it was stable until then
        TimePoint due{};
    };
    struct Entry {
        TimePoint when; // due, or due brought forward
        std::uint32_t task;
        std::uint32_t stamp;
        friend bool operator>(const Entry& a, const Entry& b) { return a.when > b.when; }
    };
    using Queue = std::priority_queue<Entry, std::vector<Entry>, std::greater<>>;
    struct Name {
        std::string hostname;
        std::vector<std::uint32_t> tasks;
        bool wanted = false;
    };

    void add_tasks(std::uint32_t name, const Wanted& wanted, TimePoint now, bool known);
    void remove_unwanted();
    [[nodiscard]] std::uint32_t new_task();
    void retire(std::uint32_t task);
    [[nodiscard]] bool is_fresh(const Task& task, const Answer& answer, std::uint64_t identity,
                                TimePoint now);
    void on_answer(Task& task, const Answer& answer, std::uint64_t identity, TimePoint now);
    [[nodiscard]] std::chrono::milliseconds base_after(Task& task, const Answer& answer) const;
    [[nodiscard]] bool may_repeat(Task& task, TimePoint now) const;
    void plan(std::uint32_t number, TimePoint now);
    void follow_move(std::uint32_t number, TimePoint now);
    [[nodiscard]] bool is_stable(const Task& task, TimePoint now) const;
    void schedule(std::uint32_t number, TimePoint due);
    void give_back(const Ask& ask, TimePoint due);
    [[nodiscard]] static bool is_failing(const Task& task) {
        return task.failures > 0 || task.slow;
    }
    void set_rate(Task& task, float rate, bool stable);
    [[nodiscard]] double stretch() const;
    [[nodiscard]] std::chrono::milliseconds jittered(std::chrono::milliseconds wait,
                                                     std::chrono::milliseconds floor);
    [[nodiscard]] bool is_void(const Entry& entry) const;
    void bring_in_what_is_due(std::size_t lane, TimePoint now);
    [[nodiscard]] std::optional<std::uint8_t> server_for(Task& task) const;

    CadenceOptions options_;
    QuestionBudget budget_;
    CacheEvidence evidence_;
    std::minstd_rand random_;
    std::vector<Task> tasks_;
    std::vector<std::uint32_t> free_;
    std::vector<Name> names_;
    std::vector<std::uint32_t> free_names_;
    std::unordered_map<std::string, std::uint32_t> places_;
    Queue due_[2];   // by lane
    Queue ready_[2]; // due already; the most to expect first
    std::size_t alive_ = 0;
    std::size_t probed_ = 0; // whose turn it is
    double churning_per_second_ = 0;
    double stable_per_second_ = 0;
};

} // namespace sweepgate
