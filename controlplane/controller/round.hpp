// SPDX-License-Identifier: Apache-2.0
// What is asked and for whom, and what the answers mean: every name the policy needs, A and AAAA,
// HTTPS for the systems' own names, and the SRV owners of the catalog, whose targets become names
// themselves. A round is what was heard since the book was last written.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/book/sighting.hpp"
#include "controlplane/cadence/cadence.hpp"
#include "controlplane/catalog/catalog.hpp"
#include "controlplane/guard/sinkhole.hpp"
#include "controlplane/policy/policy.hpp"

namespace sweepgate::controller {

/// An SRV owner name and the system whose servers its targets are.
struct SrvOwner {
    std::string system;
    std::string name;

    friend auto operator<=>(const SrvOwner&, const SrvOwner&) = default;
};

[[nodiscard]] std::vector<SrvOwner> srv_owners(const Catalog& catalog, const Policy& policy);

struct Round {
    std::vector<Observation> observations;
    std::map<std::string, std::size_t> outcomes; // "NOERROR" -> questions
    std::size_t questions = 0;
    std::size_t conclusive = 0;     // of them
    std::vector<Sinkhole> forged{}; // what resolvers say they put in the place of the truth

    void count(const Answer& answer);
    [[nodiscard]] bool empty() const { return questions == 0 && observations.empty(); }
    /// Something was asked, and nobody answered anything.
    [[nodiscard]] bool heard_nobody() const { return questions > 0 && conclusive == 0; }
};

/// The names and their reasons. Two reasons that share a hostname share the question; each gets
/// its observation.
class Agenda {
public:
    /// `https` false: HTTPS records are not asked for.
    Agenda() = default;
    Agenda(std::span<const BookName> names, std::span<const SrvOwner> owners, bool https);

    /// Takes the SRV targets over from an earlier one, as far as their owners are still there.
    void keep_targets(const Agenda& earlier);
    /// Sorted, unique.
    [[nodiscard]] std::vector<Wanted> wanted() const;
    /// What an SRV answer names; true when wanted() has changed. A target that no client could
    /// look up is passed over, and so is what exceeds kMostTargets.
    [[nodiscard]] bool set_targets(const Answer& answer);
    /// One observation for each reason and, for hints, family. Two where the name was not really
    /// answered but addresses came: those of a stale answer, because clients go there now, and
    /// forged ones of what is to be left alone, because nothing is lost by leaving more alone.
    void observe(const Answer& answer, bool fresh, std::string_view vantage, Instant now,
                 Round& round) const;

    static constexpr std::size_t kMostTargets = 64; // an owner

private:
    void observe_addresses(const Answer& answer, Observation seen, Round& round) const;
    void observe_hints(const Answer& answer, std::string_view vantage, Instant now,
                       Round& round) const;
    [[nodiscard]] std::vector<BookName> reasons(const std::string& hostname) const;

    std::map<std::string, std::vector<BookName>, std::less<>> reasons_;   // by hostname
    std::map<std::string, std::set<std::string>, std::less<>> systems_;   // by SRV owner
    std::map<std::string, std::set<std::string>, std::less<>> targets_;   // by SRV owner
    std::map<std::string, std::set<std::string>, std::less<>> targeters_; // by target: systems
    bool https_ = true;
};

/// Equal for two answers with the same outcome, addresses, targets and hints, in any order.
[[nodiscard]] std::uint64_t identity_of(const Answer& answer);

} // namespace sweepgate::controller
