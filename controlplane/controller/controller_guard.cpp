// SPDX-License-Identifier: Apache-2.0
// The controller's part in what the guard judges, holds, learns and warns of.
#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "controlplane/controller/controller.hpp"
#include "controlplane/model/nearest.hpp"

namespace sweepgate::controller {

Result<Controller::Reading> Controller::read_book(DnsPart dns) const {
    auto entries = book_.in_force(book_time());
    if (!entries) return tl::unexpected(entries.error());
    const auto disputes = book_.disputes();
    if (!disputes) return tl::unexpected(disputes.error());
    const auto& memory = guard_.memory();
    Reading reading{current_,
                    std::make_shared<const DnsPart>(std::move(dns)),
                    std::move(*entries),
                    guard_.context(config_.resolver, *disputes),
                    {current_.get(), approved_, memory.refused()}};
    reading.last_good.dns = reading.dns.get();
    reading.last_good.asked = memory.asked();
    return reading;
}

DnsPart Controller::remembered() const {
    if (plan_) return plan_->dns;
    if (guard_.memory().dns()) return *guard_.memory().dns();
    if (!current_) return {};
    // Published by a program that kept no such memory: the book knows what DNS ever brought.
    return dns_part_of(*current_, catalog_, policy_, [&](const auto& system, const auto& address) {
        std::vector<BookName> names;
        if (const auto entries = book_.history(address, book_time()))
            for (const auto& entry : *entries)
                if (entry.name.system == system) names.push_back(entry.name);
        return names;
    });
}

Result<DnsPart> Controller::before_decision() const {
    auto reading = read_book(remembered());
    if (!reading) return tl::unexpected(reading.error());
    return dns_part(catalog_, policy_, reading->entries, std::move(reading->context),
                    reading->last_good);
}

Result<SnapshotPlan> Controller::make_plan(const Policy& policy, const DnsPart* decided) const {
    auto reading = read_book(decided != nullptr ? *decided : remembered());
    if (!reading) return tl::unexpected(reading.error());
    reading->last_good.decided = decided != nullptr;
    return assemble(catalog_, policy, reading->entries, std::move(reading->context),
                    reading->last_good);
}

Result<Decided> Controller::approve(const std::string& system, const std::string& who) {
    const std::lock_guard guard(lock_);
    if (!no_storage_.empty()) return fail(Errc::unavailable, no_storage_);
    const auto forgiven = guard_.forgive(system);
    if (!forgiven) return tl::unexpected(forgiven.error());
    if (!*forgiven && find_hold(system) == nullptr) return tl::unexpected(not_held(system));
    auto decided = state_before();
    approved_.insert(system);
    const auto generation = rebuild("approved " + system + " by " + who);
    approved_.erase(system); // what comes later is another change
    if (!generation) return tl::unexpected(generation.error());
    return outcome(std::move(decided));
}

Result<Decided> Controller::refuse(const std::string& system, const std::string& who) {
    const std::lock_guard guard(lock_);
    if (!no_storage_.empty()) return fail(Errc::unavailable, no_storage_);
    const auto* hold = find_hold(system);
    if (hold == nullptr) return tl::unexpected(not_held(system));
    const auto by = fmt::format("{} on {:%Y-%m-%d %H:%M}", who, fmt::gmtime(now()));
    if (auto ok = guard_.refuse(*hold, by); !ok) return tl::unexpected(ok.error());
    auto decided = state_before();
    const auto generation = rebuild("refused " + system + " by " + who);
    if (!generation) return tl::unexpected(generation.error());
    return outcome(std::move(decided));
}

Error Controller::not_held(const std::string& system) const {
    const auto known = catalog_.ids();
    if (!std::ranges::binary_search(known, system))
        return {Errc::not_found,
                "the catalog has no system '" + system + "'" + did_you_mean(system, known)};
    std::string held;
    if (plan_)
        for (const auto& hold : plan_->holds) held += (held.empty() ? "" : ", ") + hold.system;
    return {Errc::not_found, "'" + system + "' is not held; " +
                                 (held.empty() ? "no system is" : "these are: " + held)};
}

const Hold* Controller::find_hold(const std::string& system) const {
    if (!plan_) return nullptr;
    const auto found = std::find_if(plan_->holds.begin(), plan_->holds.end(),
                                    [&](const Hold& hold) { return hold.system == system; });
    return found == plan_->holds.end() ? nullptr : &*found;
}

void Controller::raise_alarms() {
    const auto names = book_.names();
    board_.update("guard", guard_.alarms(*plan_, names ? *names : std::vector<NameState>{}, now()),
                  now());
}

GuardQuestions Controller::guard_questions() {
    const std::lock_guard guard(lock_);
    return guard_.questions(catalog_, policy_, plan_.get(), now());
}

Status Controller::learn(const GuardFindings& findings) {
    const std::lock_guard guard(lock_);
    if (auto ok = guard_.learn(findings, now()); !ok) return ok;
    const bool news = !findings.sinkholes.empty() || !findings.reverse_names.empty();
    if (!current_ || !news) return {};
    const auto generation = rebuild("learnt");
    return generation ? Status{} : Status(tl::unexpected(generation.error()));
}

} // namespace sweepgate::controller
