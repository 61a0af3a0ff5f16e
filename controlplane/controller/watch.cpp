// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/watch.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/statvfs.h>

#include "controlplane/controller/gate_verbs.hpp"
#include "controlplane/controller/state_files.hpp"
#include "controlplane/model/text.hpp"

namespace sweepgate::controller {

namespace {

using namespace std::chrono_literals;

constexpr auto kLookEvery = 1s;
constexpr auto kLookAroundEvery = 5s;
constexpr std::string_view kClockAlarm = "gate-clock";
constexpr std::string_view kSilentAlarm = "gate-silent";
constexpr auto kJump = 3s;        // of the clock, or between two looks
constexpr auto kAfterAJump = 8s;  // until gates have spoken again
constexpr auto kStoreAgain = 10s; // after it could not be opened
constexpr auto kGatesSavedEvery = 60s;
constexpr auto kFollowFirst = 10s; // between two jumps of the generation, doubled each time
constexpr auto kFollowMost = 600s;
constexpr auto kFollowedStands = 600s;
constexpr std::uint64_t kLeastFree = std::uint64_t{1} << 20U; // bytes

std::vector<std::pair<std::string, std::string>>
names_of(const std::vector<wire::PeerState>& gates) {
    std::vector<std::pair<std::string, std::string>> names;
    for (const auto& gate : gates) names.emplace_back(gate.gate, gate.instance);
    return names;
}

} // namespace

Watch::Watch(Controller& controller, EventLog& events, RefusalLog& refusals)
    : controller_(controller), events_(events), refusals_(refusals) {}

Watch::~Watch() { stop(); }

void Watch::start(wire::Publisher& publisher) {
    publisher_ = &publisher;
    open_store();
    gates_thread_ = std::thread([this] { watch_gates(); });
    desk_thread_ = std::thread([this] { work_desk(); });
}

void Watch::stop() {
    {
        const std::lock_guard guard(lock_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (gates_thread_.joinable()) gates_thread_.join();
    if (!desk_thread_.joinable()) return;
    desk_thread_.join();
    save(true);
}

bool Watch::wait(std::chrono::milliseconds pause) {
    std::unique_lock guard(lock_);
    return !wake_.wait_for(guard, pause, [this] { return stopping_; });
}

void Watch::note_published(const Published& ours) {
    const std::lock_guard guard(lock_);
    const auto keys = ours_.trust_version;
    ours_ = ours;
    ours_.trust_version = keys;
}

void Watch::note_trust(std::uint64_t version) {
    const std::lock_guard guard(lock_);
    ours_.trust_version = version;
}

void Watch::open_store() {
    auto store = WatchStore::open(controller_.config().state / kWatchFile);
    if (!store) {
        store_fault_ = store.error().what;
        store_again_ = Steady::now() + kStoreAgain;
        return spdlog::error("alarms and events are not kept: {}", printable(store_fault_));
    }
    store_fault_.clear();
    const bool first_start = store->is_new() && !controller_.had_published();
    if (!store->lost().empty() && !first_start) {
        store_lost_ = {{"watch", "", store->lost(), controller::now()}};
        spdlog::error("{}", printable(store->lost()));
    }
    if (auto alarms = store->alarms()) controller_.alarm_board().restore(std::move(*alarms));
    if (const auto events = store->events()) events_.restore(*events);
    if (auto gates = store->gates()) {
        gates_on_disk_ = names_of(*gates);
        publisher_->remember(std::move(*gates));
    }
    store_.emplace(std::move(*store));
}

void Watch::watch_gates() {
    do {
        try {
            look_at_gates();
        } catch (const std::exception& error) { // no memory, say: the next turn may have it
            spdlog::error("watch: {}", printable(error.what()));
        }
    } while (wait(kLookEvery));
}

Watch::Steadiness Watch::steadiness(const wire::Moment& now) {
    if (last_look_) {
        const auto passed = now.steady - last_look_->steady;
        const auto told = now.wall - last_look_->wall;
        if (passed > kLookEvery + kJump) ages_from_ = now.steady + kAfterAJump;
        if (told - passed > kJump || passed - told > kJump) clocks_from_ = now.steady + kAfterAJump;
    }
    last_look_ = now;
    return {now.steady >= ages_from_, now.steady >= clocks_from_};
}

void Watch::look_at_gates() {
    const wire::Moment now;
    const auto steady = steadiness(now);
    auto peers = publisher_->peers(); // before ours: what they hold was published by then
    Published ours;
    {
        const std::lock_guard guard(lock_);
        ours = ours_;
    }
    const auto rows = judge_gates(std::move(peers), ours, bounds_of(controller_.config()), now);
    auto alarms = gate_alarms_.look(rows, now);
    if (!steady.ages) return;
    if (now.steady - started_ < GateAlarmBounds{}.start_grace) keep_standing(rows, alarms);
    if (!steady.clocks) {
        std::erase_if(alarms, [](const Alarm& alarm) { return alarm.kind == kClockAlarm; });
        keep_standing(rows, alarms, kClockAlarm);
    }
    controller_.alarm_board().update("gates", std::move(alarms), controller::now());
    const std::lock_guard guard(lock_);
    ratchet_ = gate_alarms_.ratchet();
}

void Watch::keep_standing(const std::vector<GateRow>& rows, std::vector<Alarm>& alarms,
                          std::string_view kind) const {
    const auto is_back = [&](const Alarm& alarm) {
        return alarm.kind == kSilentAlarm && std::ranges::none_of(rows, [&](const GateRow& row) {
                   return row.said.gate == alarm.gate && row.state() == GateState::silent;
               });
    };
    for (const auto& alarm : controller_.alarm_board().standing("gates"))
        if ((kind.empty() || alarm.kind == kind) && !is_back(alarm) &&
            std::ranges::none_of(alarms, [&](const Alarm& raised) {
                return raised.kind == alarm.kind && raised.gate == alarm.gate;
            }))
            alarms.push_back(alarm);
}

void Watch::work_desk() {
    Steady::time_point look_around_at{};
    do {
        try {
            follow_gates();
            write_refusals();
            look_at_storage();
            if (Steady::now() >= look_around_at) {
                look_around_at = Steady::now() + kLookAroundEvery;
                controller_.look_around();
            }
            save(false);
        } catch (const std::exception& error) {
            spdlog::error("watch: {}", printable(error.what()));
        }
    } while (wait(kLookEvery));
}

void Watch::follow_gates() {
    const auto now = Steady::now();
    std::optional<Ratchet> ratchet;
    {
        const std::lock_guard guard(lock_);
        ratchet = std::exchange(ratchet_, std::nullopt);
    }
    if (ratchet && now >= follow_again_) {
        const auto before = ratchet->generation;
        const auto generation = controller_.continue_above(before, ratchet->digest, ratchet->gate);
        // A gate that says more each time makes us publish; it does so ever less often.
        follow_wait_ = std::min<std::chrono::seconds>(
            std::max<std::chrono::seconds>(follow_wait_ * 2, kFollowFirst), kFollowMost);
        follow_again_ = now + follow_wait_;
        if (generation && *generation > before) {
            followed_ = fmt::format("{} held generation {}, which ours did not replace: went on "
                                    "with {}; was the controller restored, or does another one "
                                    "publish with its key?",
                                    ratchet->gate, before, *generation);
            followed_at_ = now;
        }
    }
    std::vector<Alarm> alarms;
    if (!followed_.empty() && now - followed_at_ < kFollowedStands)
        alarms.push_back({"generation", "", followed_, controller::now()});
    else if (now >= follow_again_ + kFollowMost)
        follow_wait_ = 0s;
    controller_.alarm_board().update("generation", std::move(alarms), controller::now());
}

void Watch::write_refusals() {
    for (const auto& entry : refusals_.take()) {
        const auto times = entry.times == 1 ? "" : fmt::format(", {} times", entry.times);
        const auto result = entry.result.empty() ? "answered" : "refused: " + entry.result;
        controller_.audit(entry.who, entry.verb, "", result + times, entry.origin);
    }
    std::vector<Alarm> alarms;
    if (auto text = refusals_.knocking(); !text.empty())
        alarms.push_back({"key-refused", "", std::move(text), controller::now()});
    controller_.alarm_board().update("keys", std::move(alarms), controller::now());
}

Status Watch::copy_to(const std::filesystem::path& path) {
    const std::lock_guard guard(store_lock_);
    return store_ ? store_->copy_to(path) : fail(Errc::io, "alarms and events are not kept");
}

void Watch::save(bool last) {
    const std::lock_guard guard(store_lock_);
    if (!store_ && Steady::now() >= store_again_) open_store();
    if (!store_) return;
    auto alarms = controller_.alarm_board().take_changes();
    auto events = events_.take_new();
    auto gates = publisher_->peers();
    const bool of_gates = last || names_of(gates) != gates_on_disk_ ||
                          Steady::now() - gates_saved_ >= kGatesSavedEvery;
    if (alarms.empty() && events.empty() && !of_gates) return;
    if (auto ok = store_->save(alarms, events, of_gates ? &gates : nullptr); !ok) {
        if (store_fault_.empty())
            spdlog::error("alarms and events are not kept: {}", printable(ok.error().what));
        store_fault_ = ok.error().what;
        controller_.alarm_board().take_back(std::move(alarms));
        events_.take_back(std::move(events));
        return;
    }
    store_fault_.clear();
    if (!of_gates) return;
    gates_on_disk_ = names_of(gates);
    gates_saved_ = Steady::now();
}

void Watch::look_at_storage() {
    auto alarms = store_lost_;
    const auto& state = controller_.config().state;
    struct statvfs disk {};
    const bool known = ::statvfs(state.c_str(), &disk) == 0;
    const std::uint64_t free = known ? std::uint64_t{disk.f_bavail} * disk.f_frsize : 0;
    if (known && free < kLeastFree)
        alarms.push_back({"disk-full", "",
                          fmt::format("{} has {} KiB left: nothing new can be published or kept",
                                      state.string(), free / 1024),
                          controller::now(), Severity::broken});
    if (!store_fault_.empty())
        alarms.push_back(
            {"not-kept", "", "alarms and events are not kept: " + store_fault_, controller::now()});
    controller_.alarm_board().update("storage", std::move(alarms), controller::now());
}

} // namespace sweepgate::controller
