// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/guard_desk.hpp"

#include <algorithm>
#include <set>

#include <spdlog/spdlog.h>

#include "controlplane/config/document.hpp"
#include "controlplane/controller/contest.hpp"
#include "controlplane/controller/machine.hpp"
#include "controlplane/controller/state_files.hpp"
#include "controlplane/model/text.hpp"
#include "controlplane/wire/store.hpp"

namespace sweepgate::controller {

namespace {

constexpr std::size_t kVendorsAtOnce = 32;
constexpr std::chrono::hours kReverseKept{24}; // then the name is asked again
constexpr std::chrono::hours kReverseAgain{1}; // and after so long where nobody answered
constexpr std::chrono::hours kForgedAgain{1};  // what is forged all the time is written so often

std::vector<const CatalogSystem*> vendors_of(const Catalog& catalog, const Policy& policy) {
    std::vector<const CatalogSystem*> vendors;
    for (const auto& system : catalog.systems)
        if (policy.enforces(system) && !system.hostnames.empty()) vendors.push_back(&system);
    return vendors;
}

/// What was done in what is now the future was so by a clock that has been put right since: it is
/// done again, instead of resting as long as that clock was wrong.
bool is_due(Instant last, std::chrono::seconds every, Instant now) {
    return last == Instant{} || last > now || now - last >= every;
}

} // namespace

Result<GuardDesk> GuardDesk::open(const std::filesystem::path& state, GuardConfig config,
                                  StartFaults& faults) {
    const auto path = state / kGuardFile;
    std::string lost;
    auto memory = open_or_begin_anew(path, GuardMemory::open, lost);
    if (!memory && memory.error().code == Errc::conflict) return tl::unexpected(memory.error());
    if (!lost.empty())
        faults.add(
            {"guard-memory", "degraded", lost + "what was refused has to be refused again", {}});
    const bool forgets = !memory;
    if (forgets) {
        faults.add({"guard-memory",
                    "broken",
                    memory.error().what + "; nothing is remembered until it can be opened",
                    {}});
        memory = GuardMemory::open(":memory:");
    }
    if (!memory) return tl::unexpected(memory.error());
    GuardDesk desk(std::move(config), std::move(*memory), state / "observed.last-good");
    desk.forgets_ = forgets;
    desk.reload(faults);
    return desk;
}

void GuardDesk::open_again(const std::filesystem::path& state, StartFaults& faults) {
    if (!forgets_) return;
    auto memory = GuardMemory::open(state / kGuardFile);
    if (!memory) return;
    memory_ = std::move(*memory);
    forgets_ = false;
    faults.clear("guard-memory");
}

void GuardDesk::reload(StartFaults& faults) {
    if (config_.observed.empty()) return;
    const auto read = [](const std::filesystem::path& path) -> Result<std::string> {
        auto text = config::read_file(path, kMaxObservedBytes);
        if (!text) return text;
        const auto observed = parse_observations(*text, path.string());
        return observed ? text : Result<std::string>(tl::unexpected(observed.error()));
    };
    auto text = read(config_.observed);
    if (text) {
        faults.clear("observed");
        wire::keep_copy(observed_copy_, *text);
    } else {
        faults.replace("observed", "degraded",
                       {text.error().what + "; what was read of it last stays"});
        text = read(observed_copy_);
    }
    if (!text) return;
    if (auto observed = parse_observations(*text, config_.observed.string()))
        observed_ = std::make_shared<const Observations>(std::move(*observed));
}

GuardContext GuardDesk::context(const ResolverConfig& resolver,
                                std::span<const Dispute> disputes) const {
    GuardContext context;
    const auto servers = resolver.distinct_servers();
    context.in_use = addresses_in_use(servers);
    context.resolvers = servers.size();
    context.contested = contested(disputes, servers);
    for (const auto& each : memory_.sinkholes())
        (each.certain ? context.sinkholes : context.doubtful)
            .push_back({host(each.address), each.words});
    context.reverse_names = memory_.reverse_names();
    context.observed = observed_;
    return context;
}

GuardQuestions GuardDesk::questions(const Catalog& catalog, const Policy& policy,
                                    const SnapshotPlan* plan, Instant now) {
    GuardQuestions questions;
    questions.canaries = is_due(canaries_at_, config_.canary_interval, now);
    if (questions.canaries) {
        const auto all = vendors_of(catalog, policy);
        for (std::size_t i = 0; i < std::min(kVendorsAtOnce, all.size()); ++i, ++vendor_turn_) {
            const auto& vendor = *all[vendor_turn_ % all.size()];
            // A filter may list one name of them only: another one each time.
            const auto& names = vendor.hostnames;
            questions.vendors.push_back(
                {vendor.operator_name, names[vendor_turn_ / all.size() % names.size()]});
        }
    }
    if (plan == nullptr) return questions;
    std::set<Address> wanted;
    const auto reverse_names = memory_.reverse_names();
    for (const auto& judgement : plan->judgements) {
        if (wanted.size() >= config_.reverse_per_second) break;
        const bool counts =
            judgement.refusal == Refusal::none || judgement.refusal == Refusal::quorum;
        if (judgement.hostname.empty() || !counts) continue;
        const auto known = reverse_names->find(judgement.prefix.address);
        const auto failed = failed_at_.find(judgement.prefix.address);
        if (failed != failed_at_.end() && !is_due(failed->second, kReverseAgain, now)) continue;
        if (known == reverse_names->end() || is_due(known->second.asked, kReverseKept, now))
            wanted.insert(judgement.prefix.address);
    }
    questions.addresses.assign(wanted.begin(), wanted.end());
    return questions;
}

Status GuardDesk::learn(const GuardFindings& findings, Instant now) {
    if (findings.canaries) {
        canaries_at_ = now;
        if (auto ok = memory_.remember(findings.sinkholes, now); !ok) return ok;
    }
    if (failed_at_.size() > kMaxReverseNames) failed_at_.clear();
    for (const auto& address : findings.unanswered) failed_at_[address] = now;
    return memory_.remember(findings.reverse_names, now);
}

Result<bool> GuardDesk::learn(const std::vector<Sinkhole>& forged, Instant now) {
    std::erase_if(forged_at_,
                  [&](const auto& each) { return is_due(each.second, kForgedAgain, now); });
    std::vector<Sinkhole> fresh;
    for (const auto& each : forged) {
        const auto known = std::ranges::find(memory_.sinkholes(), each.address, &Sinkhole::address);
        const bool is_worse = known != memory_.sinkholes().end() && known->certain;
        if (!is_worse && forged_at_.size() < kMaxSinkholes &&
            forged_at_.try_emplace(each.address, now).second)
            fresh.push_back(each);
    }
    if (fresh.empty()) return false;
    if (auto ok = memory_.remember(fresh, now); !ok) return tl::unexpected(ok.error());
    return true;
}

void GuardDesk::remember(const DnsPart& part) {
    if (auto ok = memory_.remember(part); !ok)
        spdlog::error("guard: what DNS decided was not saved: {}", printable(ok.error().what));
}

void GuardDesk::ask(const std::vector<BookName>& names, Instant now) {
    if (auto ok = memory_.ask(names, now); !ok)
        spdlog::error("guard: which names are asked for was not saved: {}",
                      printable(ok.error().what));
}

std::vector<Alarm> GuardDesk::alarms(const SnapshotPlan& plan, std::span<const NameState> names,
                                     Instant now) const {
    return alarms_of(plan, check_parity(plan, names), memory_.sinkholes(), now);
}

} // namespace sweepgate::controller
