// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/judge.hpp"

#include <algorithm>
#include <set>

#include "resolver/endpoint.hpp"

namespace sweepgate::cli {

namespace {

bool is_address_type(RrType type) { return type == RrType::a || type == RrType::aaaa; }

} // namespace

SweepJudge::SweepJudge(const Site& site, std::span<const std::string> servers) : site_(site) {
    for (const auto& name : names_to_sweep(site.catalog, site.policy))
        purposes_[name.hostname].push_back(name);
    for (const auto& server : servers)
        if (const auto endpoint = dns::parse_endpoint(server))
            context_.in_use.push_back({host(endpoint->address), "resolver"});
}

bool SweepJudge::must_not_be_hit(const BookName& name) const {
    if (name.system.empty()) return true; // protected, sanctioned or never to be blocked
    const auto* system = site_.catalog.find(name.system);
    return system != nullptr && site_.policy.treatment(*system) == Treatment::sanction;
}

std::vector<Question> SweepJudge::questions(std::span<const Question> shown) const {
    const std::set<Question> known(shown.begin(), shown.end());
    std::vector<Question> more;
    for (const auto& [hostname, names] : purposes_) {
        if (std::ranges::none_of(names, [this](const auto& each) { return must_not_be_hit(each); }))
            continue;
        for (const auto type : {RrType::a, RrType::aaaa})
            if (const Question question{hostname, type}; !known.contains(question))
                more.push_back(question);
    }
    return more;
}

void SweepJudge::add(const Answer& answer) {
    if (!is_address_type(answer.question.type)) return;
    const auto purposes = purposes_.find(answer.question.name);
    if (purposes == purposes_.end()) return;
    const auto now =
        std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    for (const auto& name : purposes->second) {
        if (must_not_be_hit(name) && !is_conclusive(answer.outcome)) ++unanswered_;
        // Of what a server says it forged nothing is enforced; to leave it alone costs nothing.
        for (const auto& address :
             must_not_be_hit(name) && !answer.forged.empty() ? answer.forged : answer.addresses) {
            BookEntry entry;
            entry.name = name;
            entry.address = address;
            entry.chain = answer.chain;
            entry.resolvers = {answer.resolver};
            entry.first_seen = entry.last_seen = now;
            entry.count = 1;
            entry.ttl_lowest = entry.ttl_last = answer.ttl;
            entry.in_force = true;
            entries_.push_back(std::move(entry));
        }
    }
}

void SweepJudge::add_service(const std::string& system, const std::string& hostname) {
    auto& names = purposes_[hostname];
    const BookName service{system, hostname, Role::service};
    if (std::ranges::find(names, service) == names.end()) names.push_back(service);
}

Result<std::vector<Judgement>> SweepJudge::refused() const {
    auto plan = assemble(site_.catalog, site_.policy, entries_, context_);
    if (!plan) return tl::unexpected(plan.error());
    auto found = plan->refused();
    // The catalog's own prefixes did not come out of this sweep.
    std::erase_if(found, [](const Judgement& each) { return each.hostname.empty(); });
    std::ranges::sort(found, {}, [](const Judgement& each) {
        return std::pair(each.hostname, each.prefix.address);
    });
    return found;
}

} // namespace sweepgate::cli
