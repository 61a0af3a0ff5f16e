// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/resolver/faulty_answers.hpp"

#include <algorithm>
#include <optional>

namespace sweepgate::test {

namespace {

constexpr unsigned kGood = 0x8180, kFormErr = 0x8181, kServFail = 0x8182, kNxDomain = 0x8183,
                   kNotImp = 0x8184, kRefused = 0x8185, kTruncated = 0x8380;
constexpr std::size_t kMostOctets = 512, kMostWithEdns = 1232;

std::string to_lower(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

// Of the OPT record; c-ares 1.33 and later add a cookie of theirs to what we put there.
Octets read_subnet(std::span<const std::uint8_t> opt) {
    constexpr unsigned kClientSubnet = 8;
    for (std::size_t at = 11; at + 4 <= opt.size();) {
        const auto code = opt[at] * 256U + opt[at + 1];
        const std::size_t size = opt[at + 2] * 256U + opt[at + 3];
        at += 4;
        if (size > opt.size() - at) break;
        const auto payload = opt.subspan(at, size);
        if (code == kClientSubnet) return {payload.begin(), payload.end()};
        at += size;
    }
    return {};
}

std::optional<Query> read_query(std::span<const std::uint8_t> octets) {
    if (octets.size() < 17) return std::nullopt;
    Query query;
    query.id = static_cast<std::uint16_t>(octets[0] << 8U | octets[1]);
    query.edns = octets[11] != 0;
    std::size_t at = 12;
    while (octets[at] != 0) {
        const std::size_t length = octets[at];
        if (length > 63 || at + length + 6 > octets.size()) return std::nullopt;
        if (!query.name.empty()) query.name += '.';
        query.name.append(octets.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                          octets.begin() + static_cast<std::ptrdiff_t>(at + 1 + length));
        at += length + 1;
    }
    query.type = static_cast<std::uint16_t>(octets[at + 1] << 8U | octets[at + 2]);
    query.lower = to_lower(query.name);
    if (query.edns) query.subnet = read_subnet(octets.subspan(at + 5));
    return query;
}

unsigned last_octet(const Octets& subnet) { return subnet.empty() ? 1 : subnet.back(); }

AnswerMessage reply_to(const Query& query, const std::string& shown, unsigned flags) {
    return {shown, static_cast<RrType>(query.type), flags};
}

} // namespace

Octets FaultyAnswers::to(std::span<const std::uint8_t> octets, bool over_tcp, bool over_rate) {
    const auto query = read_query(octets);
    if (!query || faults_.silent) return {};
    if (over_tcp) return answer_to(*query, true);
    if (query->edns) ++counts_.edns;
    if (query->name != query->lower) ++counts_.mixed_case;
    if (!over_rate) return answer_to(*query, false);
    if (faults_.above_rate == AboveRate::drop) return {};
    const auto flags = faults_.above_rate == AboveRate::refuse ? kRefused : kTruncated;
    return finished(*query, reply_to(*query, query->name, flags));
}

Octets FaultyAnswers::answer_to(const Query& query, bool over_tcp) {
    const bool lower = faults_.lower_case || (faults_.spoofed_case && !over_tcp);
    const auto shown = lower ? query.lower : query.name;
    if (faults_.other_question)
        return finished(query,
                        reply_to(query, "other.test", kGood).a("other.test", 60, "192.0.2.66"));
    if (query.edns && faults_.edns != EdnsFault::none) return to_edns(query, shown);
    if (query.edns && faults_.formerr_once && !formerr_done_) {
        formerr_done_ = true;
        return finished(query, reply_to(query, shown, kFormErr), false);
    }
    if (faults_.servfail) return finished(query, reply_to(query, shown, kServFail));
    if (faults_.truncate && !over_tcp) return finished(query, reply_to(query, shown, kTruncated));
    const auto* const truth = faults_.zone == nullptr ? nullptr : faults_.zone->find(query.lower);
    if (truth == nullptr) return by_label(query, shown);
    if (dice_() % 100 < truth->lost_percent) return {};
    return by_truth(query, shown, *truth, over_tcp);
}

Octets FaultyAnswers::to_edns(const Query& query, const std::string& shown) const {
    constexpr std::size_t kHeader = 12;
    const auto without_opt = [&](unsigned flags, std::size_t octets) {
        auto reply = finished(query, reply_to(query, shown, flags), false);
        reply.resize(std::min(octets, reply.size()));
        if (octets == kHeader) reply[5] = 0;
        return reply;
    };
    const auto whole = std::string::npos;
    switch (faults_.edns) {
    case EdnsFault::formerr: return without_opt(kFormErr, whole);
    case EdnsFault::formerr_with_opt: return finished(query, reply_to(query, shown, kFormErr));
    case EdnsFault::bare_formerr: return without_opt(kFormErr, kHeader);
    case EdnsFault::notimp: return without_opt(kNotImp, whole);
    case EdnsFault::bare_notimp: return without_opt(kNotImp, kHeader);
    case EdnsFault::badvers: return finished(query, reply_to(query, shown, kGood).opt(1), false);
    case EdnsFault::bare_badvers: {
        auto reply = without_opt(kGood, kHeader);
        const Octets opt = {0, 0, 41, 4, 208, 1, 0, 0, 0, 0, 0};
        reply.insert(reply.end(), opt.begin(), opt.end());
        reply[11] = 1;
        return reply;
    }
    case EdnsFault::refused: return without_opt(kRefused, whole);
    case EdnsFault::refused_with_opt: return finished(query, reply_to(query, shown, kRefused));
    case EdnsFault::servfail: return without_opt(kServFail, whole);
    case EdnsFault::servfail_with_opt: return finished(query, reply_to(query, shown, kServFail));
    case EdnsFault::other_question:
        return finished(query,
                        reply_to(query, "other.test", kGood).a("other.test", 60, "192.0.2.66"));
    case EdnsFault::cut: return without_opt(kGood, kHeader + 3);
    case EdnsFault::empty:
    case EdnsFault::silence:
    case EdnsFault::none: break;
    }
    return {};
}

Octets FaultyAnswers::by_label(const Query& query, const std::string& shown) const {
    const auto label = query.lower.substr(0, query.lower.find_first_of(".-"));
    const bool blocked = label == "blocked" && !faults_.unfiltered;
    const unsigned flags = label == "servfail"        ? kServFail
                           : label == "nx" || blocked ? kNxDomain
                           : label == "refused"       ? kRefused
                                                      : kGood;
    auto reply = reply_to(query, shown, flags);
    if (label == "drop") return {};
    if (label == "nodata" || label == "nx") reply.soa("test", 60, 60);
    if (label == "loop") reply.cname(shown, 60, shown);
    if (label == "foreign") reply.cname("other.test", 60, "v.test").a("v.test", 60, "192.0.2.66");
    if (flags == kGood && label != "nodata" && label != "loop" && label != "foreign")
        reply.a(shown, 60, "198.18.0." + std::to_string(last_octet(query.subnet)));
    if (blocked) reply.extended_error(15);
    return finished(query, std::move(reply));
}

Octets FaultyAnswers::by_truth(const Query& query, const std::string& shown, const Truth& truth,
                               bool over_tcp) const {
    constexpr std::size_t kQuestionAt = 12;
    const unsigned flags = truth.outcome == Outcome::servfail   ? kServFail
                           : truth.outcome == Outcome::nxdomain ? kNxDomain
                                                                : kGood;
    auto reply = reply_to(query, shown, flags);
    auto owner = shown;
    for (const auto& target : truth.chain) {
        reply.cname(owner, truth.ttl, target);
        owner = target;
    }
    Octets at;
    put_u16(at, 0xC000 | kQuestionAt);
    if (!truth.chain.empty()) at = name_octets(owner);
    for (const auto& address : truth.addresses) {
        const auto bytes = to_bytes(address);
        reply.record(at, 1, truth.ttl, {bytes.begin(), bytes.begin() + 4});
    }
    if (truth.addresses.empty() && flags != kServFail) reply.soa("sweep.test", 60, 60);
    auto octets = finished(query, std::move(reply));
    if (over_tcp || octets.size() <= (query.edns ? kMostWithEdns : kMostOctets)) return octets;
    return finished(query, reply_to(query, shown, kTruncated));
}

Octets FaultyAnswers::finished(const Query& query, AnswerMessage reply, bool may_edns) const {
    if (!query.subnet.empty() && !faults_.no_subnet) {
        auto subnet = query.subnet;
        subnet[3] = subnet[2];
        if (faults_.other_subnet) subnet.back() ^= 1U;
        reply.option(8, subnet);
    }
    if (query.edns && may_edns && !faults_.strip_opt) reply.opt();
    auto octets = std::move(reply.octets());
    octets[0] = static_cast<std::uint8_t>(query.id >> 8U);
    octets[1] = static_cast<std::uint8_t>(query.id);
    return octets;
}

} // namespace sweepgate::test
