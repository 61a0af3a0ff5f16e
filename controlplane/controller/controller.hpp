// SPDX-License-Identifier: Apache-2.0
// Catalog, policy and address book become numbered, signed snapshots:
//
//   record(round) ----.
//   push(policy) -----+--> rebuild: assemble -> build -> same digest? -> sign -> book -> publisher
//   approve(system) --'
//
// One lock guards all of it; nothing that waits for the network runs under it, and neither is a
// text parsed nor a plan made for a reader there. Another is held by whoever changes catalog or
// policy, so that what he has parsed stays true until it is in force; it is taken first.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controlplane/book/book.hpp"
#include "controlplane/catalog/catalog.hpp"
#include "controlplane/controller/alarm_board.hpp"
#include "controlplane/controller/config.hpp"
#include "controlplane/controller/decision.hpp"
#include "controlplane/controller/guard_desk.hpp"
#include "controlplane/controller/name_alarms.hpp"
#include "controlplane/controller/policy_archive.hpp"
#include "controlplane/controller/round.hpp"
#include "controlplane/controller/round_log.hpp"
#include "controlplane/controller/signing_desk.hpp"
#include "controlplane/controller/start_faults.hpp"
#include "controlplane/guard/snapshot_plan.hpp"
#include "controlplane/policy/policy.hpp"
#include "controlplane/wire/envelope.hpp"
#include "controlplane/wire/publisher.hpp"
#include "controlplane/wire/store.hpp"

namespace sweepgate::controller {

class ListDesk;

/// Everything a read-only verb needs, copied or shared out under the lock.
struct View {
    Catalog catalog;
    Policy policy;
    std::uint64_t policy_number = 0;
    std::shared_ptr<const Snapshot> snapshot; // null before the first
    std::shared_ptr<const SnapshotPlan> plan; // null before the first
    RoundSummary round;
    std::size_t names = 0;
    std::vector<Alarm> alarms; // that stand now
    struct Signing {
        std::string key; // fingerprint; empty: nothing can be signed
        std::uint64_t trust_version = 0;
    } signing;
};

/// Whoever asks to put a policy in force, with what and why.
struct Submission {
    std::string who;
    std::string file = {};    // as it was typed; empty: unknown
    std::string message = {}; // may be empty
    bool yes = false;         // meant also past the bounds of excesses()
};

/// What putting one in force came to.
struct PolicyChange {
    Generation generation = 0;
    FiledPolicy policy;                      // in force now, without its text
    bool unchanged = false;                  // it was in force before, lists and all
    std::optional<FiledPolicy> back_to = {}; // of a rollback: whose text it is, without it
    std::size_t added = 0;                   // prefixes, by system
    std::size_t removed = 0;
    std::size_t before = 0;                 // that were in force
    std::vector<std::string> warnings = {}; // what its lists lost
    Decided decided = {};                   // with `asks` nothing was changed
};

/// By system id: the share of the addresses thought to exist that has been seen, over all its
/// names that say something about it.
using SystemCoverages = std::map<std::string, double, std::less<>>;

class Controller {
public:
    /// Takes the state folder, loads keys, catalog, policy and what was published last.
    /// Errors: conflict when another controller holds the folder; whatever a file says wrong.
    static Result<std::unique_ptr<Controller>> open(Config config);

    Controller(const Controller&) = delete;
    Controller& operator=(const Controller&) = delete;
    ~Controller();

    /// Those that are asked from now on; before anything is asked.
    void set_resolvers(const std::vector<std::string>& servers);
    /// To be called each second: looks again at what could not be read or written.
    void mend();
    /// The faults of that kind, which the caller has looked at.
    void replace_faults(std::string_view kind, std::string_view severity,
                        const std::vector<std::string>& texts);

    /// From here on new generations go out through `send`; the newest goes at once.
    /// Keys are announced through the other before they sign anything.
    void attach(std::function<void(wire::Update)> send,
                std::function<void(const SigningDesk&)> announce_keys);

    [[nodiscard]] std::vector<BookName> names() const;
    [[nodiscard]] std::vector<SrvOwner> services() const;
    [[nodiscard]] const Config& config() const { return config_; }
    /// Before this start.
    [[nodiscard]] bool had_published() const { return had_published_; }
    [[nodiscard]] View view() const;

    /// Hostnames that were ever answered.
    [[nodiscard]] std::set<std::string> known_names() const;

    /// Files one round's answers and publishes what follows from them. Returns what they tell of
    /// their names.
    Result<std::vector<NameNews>> record(const Round& round);
    void record_failure(const Error& error);
    /// What the guard wants asked of DNS behind a round, and what came back.
    [[nodiscard]] GuardQuestions guard_questions();
    Status learn(const GuardFindings& findings);

    /// Parses, plans and only then files and publishes; nothing changes on an error. What is in
    /// force already, with the lists it uses, is not filed again. Past the bounds nothing changes
    /// either without Submission::yes; then Decided::asks says which.
    Result<PolicyChange> push(std::string_view policy_text, const Submission& by);
    /// The policy before the current one (PolicyArchive::before), or number `to`, with its lists.
    Result<PolicyChange> rollback(std::optional<std::uint64_t> to, const Submission& by);
    /// Lets a held system's new address set through, and takes back what was refused of it.
    /// Errors: not_found when neither is the case.
    Result<Decided> approve(const std::string& system, const std::string& who);
    /// Keeps the last good set for good: what would have come is refused, what would have gone
    /// stays, also behind a restart, until the system is approved. Errors: not_found.
    Result<Decided> refuse(const std::string& system, const std::string& who);
    /// Reads catalog, policy file and lists again; the policy is filed when its text is new.
    /// Another policy or list is refused past the bounds, as there is nobody to ask; what a release
    /// of the catalog changes was not typed and is not. Returns what came of it, in words.
    Result<std::string> reload();

    /// What `policy_text` would publish, without doing it. An empty text means the current one.
    struct Preview {
        Policy policy;
        SnapshotPlan plan;
        Snapshot snapshot;
    };
    [[nodiscard]] Result<Preview> preview(std::string_view policy_text) const;

    /// The newest first, without texts.
    [[nodiscard]] std::vector<FiledPolicy> policies(std::size_t most) const;
    /// Errors: not_found naming what there is.
    [[nodiscard]] Result<FiledPolicy> policy(std::uint64_t number) const;
    [[nodiscard]] Result<std::string> list_text(const FiledList& list) const;
    /// Parts that run on what was last good of them, and why.
    [[nodiscard]] std::vector<StartFault> start_faults() const;

    [[nodiscard]] Result<std::vector<BookEntry>> history(const Address& address) const;
    [[nodiscard]] Result<std::vector<BookEntry>> history(const std::string& hostname) const;
    /// How the last questions for these names went, sorted by name and family.
    [[nodiscard]] Result<std::vector<NameState>>
    name_states(const std::set<std::string>& hostnames) const;
    /// Not older than 10 s.
    [[nodiscard]] SystemCoverages coverages() const;
    /// Every alarm of this controller, whoever raises it. Thread-safe.
    [[nodiscard]] AlarmBoard& alarm_board() { return board_; }
    [[nodiscard]] const AlarmBoard& alarm_board() const { return board_; }
    /// Raises and ends the alarms that follow from time alone: names that fail, addresses that wait
    /// for a quorum, resolvers. Every few seconds.
    void look_around();
    /// Resolvers that the last sweep passed over because they do not answer.
    void note_silent(std::vector<std::string> resolvers);
    /// A gate holds `held`, which is not what we published: the number does not fall, so ours goes
    /// above it. Returns the generation that is published then; the one that is, when `held` is
    /// neither newer nor of the same number with other content.
    Result<Generation> continue_above(Generation held, const Digest& digest,
                                      const std::string& gate);
    [[nodiscard]] Result<std::vector<AuditEntry>> audit_log(std::size_t limit) const;
    [[nodiscard]] Result<std::vector<PublishedGeneration>> generations(std::size_t limit) const;
    /// Errors: not_found when its bytes are no longer kept, refused when another key signed it.
    [[nodiscard]] Result<Snapshot> published(Generation number) const;
    /// Book and guard's memory, for a backup. Errors: unavailable, io.
    Status copy_databases(const std::filesystem::path& folder) const;
    ///   origin  of audit_origin.hpp; empty: this program itself
    void audit(const std::string& who, const std::string& verb, const std::string& detail,
               const std::string& result, const std::string& origin = {});
    /// Walks along the whole of it. Errors: io; refused naming the first entry that is not as it
    /// was written.
    [[nodiscard]] Result<AuditWalk> verify_audit() const;

private:
    Controller(Config config, wire::StateFolder folder, PolicyArchive archive, Book book,
               GuardDesk guard, StartFaults faults);

    /// As of when the book is asked: not beyond what resolvers have said (Book::evidence()).
    [[nodiscard]] Instant book_time() const;
    /// Errors: of the key file; then nothing new is published.
    Status load_key();
    Status write_audit(const AuditEntry& entry);
    /// Whether the end of the audit is what it was when this program ran last.
    void check_audit();
    /// What is published is signed anew where another key or epoch is in force by now.
    Status resign();
    Status load_published();
    void go_on_above_backup();
    /// A person has decided what is in force: whoever restored it has seen to it.
    void acknowledge_backup();
    /// What the book says, what the guard has to know and what was published: all that a plan
    /// needs, also after the lock.
    struct Reading {
        std::shared_ptr<const Snapshot> current;
        std::shared_ptr<const DnsPart> dns;
        std::vector<BookEntry> entries;
        GuardContext context;
        LastGood last_good; // of the two above
    };
    [[nodiscard]] Result<Reading> read_book(DnsPart dns) const;
    /// What DNS had decided when anything was last planned or, behind a start, published.
    [[nodiscard]] DnsPart remembered() const;
    /// The same as DNS stands now, under what is in force: from there a decision is taken.
    [[nodiscard]] Result<DnsPart> before_decision() const;
    ///   decided  of before_decision(): `policy` or the catalog is another since; null: DNS moved
    Result<SnapshotPlan> make_plan(const Policy& policy, const DnsPart* decided) const;
    Status repeat_copy(const Error& why);
    /// Beside the book, so that not both are lost; `now`: whatever was written just before.
    void keep_published_copy(bool now);
    void open_storage_again();
    Status load_catalog();
    std::optional<std::string> changed_policy_file(const Catalog& catalog);
    Status load_catalog_and_policy();
    Status take_first_policy();
    void plan_at_start();
    /// Behind a push or rollback: its lists are read, its copies written anew.
    void forget_faults();
    /// Files the policy in force again, with the lists that it uses now.
    void file_lists(const ListDesk& lists);
    /// What was published last stays as it is. Errors: `why`, when nothing has been published.
    Status freeze(const std::string& kind, const Error& why);
    [[nodiscard]] const Hold* find_hold(const std::string& system) const;
    /// Why there is nothing to decide about it.
    [[nodiscard]] Error not_held(const std::string& system) const;
    void raise_alarms();
    void raise_start_faults() const;
    Result<Snapshot> make_snapshot(const SnapshotPlan& plan, Generation number) const;
    /// Publishes when the content differs from what is out, or half its lifetime has gone.
    ///   decided  as of make_plan()
    ///   may_take  looks at the snapshot before it is published
    using MayTake = std::function<Status(const Snapshot&)>;
    Result<Generation> rebuild(const std::string& cause, const DnsPart* decided = nullptr,
                               const MayTake& may_take = {});
    /// What is published, under the next number and with a new date.
    [[nodiscard]] Snapshot renewed() const;
    [[nodiscard]] Generation next_generation() const;
    /// Whether what was just written to disk was; a full one is told until it is not.
    void note_storage(const Status& written);
    /// While frozen: the same content, and a new date before the old one has passed.
    Result<Generation> keep_published();
    Result<Generation> publish(Snapshot snapshot, const std::string& cause);
    struct Filing {
        std::string_view text;
        PolicyNote note;
        std::vector<ListToFile> lists;
    };
    /// All or nothing: on an error catalog, policy and archive are what they were.
    /// `filing` null: the policy stays under its number.
    ///   yes   not asked whether it is meant
    Result<PolicyChange> take(Catalog catalog, Policy policy, const Filing* filing,
                              const std::string& cause, bool yes);
    [[nodiscard]] Decided state_before() const;
    /// What became of it since.
    [[nodiscard]] Decided outcome(Decided before) const;

    bool had_published_ = false;
    std::mutex changing_;
    mutable std::mutex lock_;
    Config config_;
    wire::StateFolder folder_;
    PolicyArchive archive_;
    Book book_;
    SigningDesk signing_;
    GuardDesk guard_;
    Catalog catalog_;
    Policy policy_;
    FiledPolicy filed_;  // the policy in force as filed; number 0: none
    std::string frozen_; // why what was published last stays as it is; empty: it does not
    StartFaults faults_;
    std::string no_storage_; // why the state folder's databases cannot be opened; empty: they are
    CatalogTexts kept_catalog_;
    Generation newest_ = 0; // that was ever published, as far as is known here
    Generation copied_ = 0;
    std::chrono::steady_clock::time_point copy_at_{};
    std::chrono::steady_clock::time_point mend_at_{};
    std::shared_ptr<const Snapshot> current_;
    std::string sealed_; // of current_
    std::shared_ptr<const SnapshotPlan> plan_;
    std::set<std::string> approved_;
    AuditHead audit_head_;
    Generation floor_ = 0;     // the next generation's number is above it, whatever current_ has
    mutable AlarmBoard board_; // has a lock of its own
    std::vector<std::string> silent_resolvers_;
    RoundLog rounds_;
    std::chrono::steady_clock::time_point rebuild_at_{}; // at the latest, for what only ages
    std::function<void(wire::Update)> send_;
    std::function<void(const SigningDesk&)> announce_keys_;
    mutable SystemCoverages coverages_;
    mutable std::chrono::steady_clock::time_point coverages_until_{};
};

[[nodiscard]] Instant now();

} // namespace sweepgate::controller
