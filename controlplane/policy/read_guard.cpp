// SPDX-License-Identifier: Apache-2.0
#include "controlplane/policy/treatments.hpp"

namespace sweepgate {

namespace {

constexpr config::Bounds kPercent{1, 100'000};
constexpr config::Bounds kAddresses{0, 1'000'000};
constexpr config::Bounds kMinutes{0, 10'080}; // a week
constexpr config::Bounds kQuorum{1, 16};
constexpr config::Bounds kLengthsIpv4{2, 32};
constexpr config::Bounds kLengthsIpv6{2, 64};
constexpr config::Bounds kScore{1, 1000};

std::size_t count(config::Section& section, std::string_view key, std::size_t fallback,
                  config::Bounds bounds = kAddresses) {
    return static_cast<std::size_t>(
        section.integer_or(key, static_cast<std::int64_t>(fallback), bounds));
}

void read_bounds(config::Section& section, ChangeBounds& bounds) {
    const auto percent = [&](std::string_view key, unsigned fallback) {
        return static_cast<unsigned>(section.integer_or(key, fallback, kPercent));
    };
    bounds.most_growth_percent = percent("most_growth_percent", bounds.most_growth_percent);
    bounds.most_shrink_percent = percent("most_shrink_percent", bounds.most_shrink_percent);
    bounds.most_added = count(section, "most_added", bounds.most_added);
    bounds.small_set = count(section, "small_set", bounds.small_set);
    const auto length = [&](std::string_view key, unsigned fallback, config::Bounds lengths) {
        return static_cast<unsigned>(section.integer_or(key, fallback, lengths));
    };
    bounds.most_shut_ipv4 = length("most_shut_ipv4", bounds.most_shut_ipv4, kLengthsIpv4);
    bounds.most_shut_ipv6 = length("most_shut_ipv6", bounds.most_shut_ipv6, kLengthsIpv6);
    bounds.learning = std::chrono::minutes(
        section.integer_or("learning_minutes", bounds.learning.count(), kMinutes));
}

void read_belief(config::Section& section, Belief& belief) {
    belief.quorum = static_cast<unsigned>(section.integer_or("quorum", belief.quorum, kQuorum));
    belief.repeats = section.boolean_or("quorum_repeats", belief.repeats);
    belief.most_per_answer = count(section, "most_per_answer", belief.most_per_answer);
    belief.most_per_name = count(section, "most_per_name", belief.most_per_name);
    belief.most_per_system = count(section, "most_per_system", belief.most_per_system);
    belief.shared_from =
        static_cast<unsigned>(section.integer_or("shared_from", belief.shared_from, kScore));
}

void read_nat64(config::Section& section, Policy& policy) {
    policy.nat64 = prefixes(section, "nat64");
    for (const auto& prefix : policy.nat64) {
        const auto length = prefix.length;
        const bool fits = length == 96 || (length >= 32 && length <= 64 && length % 8 == 0);
        if (prefix.address.family != Family::ipv6 || !fits)
            section.reject("nat64", to_string(prefix) +
                                        " is no translation prefix: /32, /40, /48, /56, /64 or "
                                        "/96 (RFC 6052)");
    }
}

} // namespace

void read_guard(config::Section& section, const KnownWords& known, Policy& policy) {
    policy.treat_as_public = prefixes(section, "treat_as_public");
    read_nat64(section, policy);
    read_belief(section, policy.belief);
    read_bounds(section, policy.bounds);
    auto zones = section.section("zones");
    if (!zones) return;
    for (const auto& id : zones->keys()) {
        check_known(*zones, id, "system", known.systems);
        policy.approved_zones[id] = hostnames(*zones, id);
    }
}

} // namespace sweepgate
