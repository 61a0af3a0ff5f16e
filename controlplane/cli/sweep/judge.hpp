// SPDX-License-Identifier: Apache-2.0
// What the guard would say of a sweep: the same judgement that a controller makes, from this
// sweep's answers alone.
//
// It needs more names than are shown: those that must never be hit (the catalog's protected
// hosts; what the policy sanctions or never blocks). They are asked beside the others. Only names
// of systems that the policy enforces are judged. What needs time or many systems (quorum, bounds
// of change, sharing with systems that were not swept) is the controller's: `sweepgate plan`.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "controlplane/cli/sweep/request.hpp"
#include "controlplane/guard/snapshot_plan.hpp"

namespace sweepgate::cli {

class SweepJudge {
public:
    /// `site` outlives it; `servers` are never to be blocked either.
    SweepJudge(const Site& site, std::span<const std::string> servers);

    /// A and AAAA of the names that must never be hit, without what `shown` asks anyway.
    [[nodiscard]] std::vector<Question> questions(std::span<const Question> shown) const;
    void add(const Answer& answer);
    /// An SRV record of the system points there: answers that follow are its own.
    void add_service(const std::string& system, const std::string& hostname);
    /// Each address of a swept name that the guard would refuse, sorted by name and address.
    [[nodiscard]] Result<std::vector<Judgement>> refused() const;
    /// Questions for names that must never be hit which got no answer: the guard knows less.
    [[nodiscard]] std::size_t unanswered() const { return unanswered_; }

private:
    [[nodiscard]] bool must_not_be_hit(const BookName& name) const;

    const Site& site_;
    GuardContext context_;
    std::map<std::string, std::vector<BookName>, std::less<>> purposes_; // by hostname
    std::vector<BookEntry> entries_;
    std::size_t unanswered_ = 0;
};

} // namespace sweepgate::cli
