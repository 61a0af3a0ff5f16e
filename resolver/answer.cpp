// SPDX-License-Identifier: Apache-2.0
#include "resolver/answer.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sweepgate {

std::string_view to_string(RrType type) {
    switch (type) {
    case RrType::a: return "A";
    case RrType::cname: return "CNAME";
    case RrType::soa: return "SOA";
    case RrType::ptr: return "PTR";
    case RrType::aaaa: return "AAAA";
    case RrType::srv: return "SRV";
    case RrType::opt: return "OPT";
    case RrType::svcb: return "SVCB";
    case RrType::https: return "HTTPS";
    }
    return "TYPE?";
}

Result<RrType> parse_rr_type(std::string_view text) {
    constexpr std::array kSwept = {RrType::a,   RrType::aaaa, RrType::cname,
                                   RrType::srv, RrType::svcb, RrType::https};
    std::string upper(text);
    std::ranges::transform(upper, upper.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    const auto* const found = std::ranges::find(kSwept, std::string_view(upper),
                                                [](RrType type) { return to_string(type); });
    if (found == kSwept.end())
        return fail(Errc::bad_input, "record type '" + std::string(text) +
                                         "' is none of A, AAAA, CNAME, SRV, SVCB, HTTPS");
    return *found;
}

std::string_view to_string(Outcome outcome) {
    switch (outcome) {
    case Outcome::answered: return "NOERROR";
    case Outcome::nodata: return "NODATA";
    case Outcome::nxdomain: return "NXDOMAIN";
    case Outcome::filtered: return "FILTERED";
    case Outcome::stale: return "STALE";
    case Outcome::servfail: return "SERVFAIL";
    case Outcome::bogus: return "BOGUS";
    case Outcome::refused: return "REFUSED";
    case Outcome::timeout: return "TIMEOUT";
    case Outcome::malformed: return "MALFORMED";
    case Outcome::other_rcode: return "RCODE";
    }
    return "UNKNOWN";
}

std::string_view extended_error_name(std::uint16_t code) {
    constexpr std::array<std::string_view, 25> kNames = {"Other Error",
                                                         "Unsupported DNSKEY Algorithm",
                                                         "Unsupported DS Digest Type",
                                                         "Stale Answer",
                                                         "Forged Answer",
                                                         "DNSSEC Indeterminate",
                                                         "DNSSEC Bogus",
                                                         "Signature Expired",
                                                         "Signature Not Yet Valid",
                                                         "DNSKEY Missing",
                                                         "RRSIGs Missing",
                                                         "No Zone Key Bit Set",
                                                         "NSEC Missing",
                                                         "Cached Error",
                                                         "Not Ready",
                                                         "Blocked",
                                                         "Censored",
                                                         "Filtered",
                                                         "Prohibited",
                                                         "Stale NXDOMAIN Answer",
                                                         "Not Authoritative",
                                                         "Not Supported",
                                                         "No Reachable Authority",
                                                         "Network Error",
                                                         "Invalid Data"};
    return code < kNames.size() ? kNames[code] : std::string_view{};
}

void distrust(Answer& answer) {
    answer.outcome = Outcome::malformed;
    answer.chain.clear();
    answer.addresses.clear();
    answer.targets.clear();
    answer.hints.clear();
    answer.forged.clear();
    answer.ttl = 0;
    answer.extended_error.reset();
}

void set_forged_apart(Answer& answer) {
    answer.outcome = Outcome::filtered;
    answer.forged = std::exchange(answer.addresses, {});
    answer.forged.insert(answer.forged.end(), answer.hints.begin(), answer.hints.end());
    answer.hints.clear();
    answer.targets.clear();
}

} // namespace sweepgate
