// SPDX-License-Identifier: Apache-2.0
#include "resolver/reader.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "resolver/chain.hpp"
#include "resolver/message.hpp"
#include "resolver/rdata.hpp"

namespace sweepgate {

namespace {

using dns::Message;
using dns::Record;
using dns::WireName;

constexpr std::uint16_t kClassIn = 1;
constexpr std::uint16_t kTypeNs = 2;

// RFC 1035 section 4.1.1, RFC 4035 section 3.2.3.
constexpr unsigned kResponse = 0x8000, kOpcode = 0x7800, kAuthoritative = 0x0400,
                   kTruncated = 0x0200, kRecursionAvailable = 0x0080, kAuthenticData = 0x0020,
                   kRcode = 0x000F;
constexpr std::uint16_t kNoError = 0, kServFail = 2, kNxDomain = 3, kRefused = 5;

// IANA "DNS EDNS0 Option Codes": RFC 7871 section 6, RFC 8914 section 2.
constexpr std::uint16_t kClientSubnet = 8, kExtendedError = 15;

bool is(const Record& record, RrType type) {
    return record.rr_class == kClassIn && record.type == static_cast<std::uint16_t>(type);
}

class AnswerReader {
public:
    AnswerReader(std::span<const std::uint8_t> octets, const Question& question, Reading& out)
        : message_(octets), question_(question), out_(out) {}

    // False: malformed. The outcome is settled only at the end, so every early way out is one.
    bool read() {
        if (!read_header()) return false;
        if (!read_question()) return false;
        records_at_ = at_;
        const bool whole = walk_sections();
        out_.truncated = (flags_ & kTruncated) != 0;
        if (!whole) return false;
        if (out_.rcode != kNoError && out_.rcode != kNxDomain) return settle_failure();
        if (out_.truncated || question_count_ != 1 || too_many_cnames_) return false;
        if (!follow_chain()) return false;
        if (out_.rcode == kNoError && !asks_for_cname() && !collect()) return false;
        settle();
        return true;
    }

private:
    bool read_header() {
        std::size_t at = 0;
        std::uint16_t id = 0;
        for (auto* field : {&id, &flags_, &question_count_, &counts_[0], &counts_[1], &counts_[2]})
            if (!message_.read_u16(at, *field)) return false;
        at_ = at;
        out_.rcode = flags_ & kRcode;
        out_.answer.authoritative = (flags_ & kAuthoritative) != 0;
        out_.answer.authenticated = (flags_ & kAuthenticData) != 0;
        return (flags_ & kResponse) != 0 && (flags_ & kOpcode) == 0;
    }

    // A failure may come without the question (RFC 1035 section 4.1.1 leaves it to the server).
    bool read_question() {
        if (question_count_ == 0) return true;
        std::uint16_t type = 0;
        std::uint16_t rr_class = 0;
        question_at_ = at_;
        return question_count_ == 1 && message_.read_this_name(at_, question_.name) &&
               message_.read_u16(at_, type) && message_.read_u16(at_, rr_class) &&
               rr_class == kClassIn && type == static_cast<std::uint16_t>(question_.type);
    }

    bool walk_sections() {
        for (std::size_t section = 0; section < counts_.size(); ++section)
            for (unsigned i = 0; i < counts_[section]; ++i) {
                Record record;
                if (!message_.read_record(at_, record)) return false;
                if (!note(record, section)) return false;
            }
        return true;
    }

    bool note(const Record& record, std::size_t section) {
        if (section == 0 && is(record, RrType::cname)) {
            too_many_cnames_ = !chain_.add(record);
        } else if (section == 1 && is(record, RrType::soa)) {
            soa_ = record;
            has_soa_ = true;
        } else if (section == 1 && record.rr_class == kClassIn && record.type == kTypeNs) {
            has_ns_ = true;
        } else if (section == 2 && record.type == static_cast<std::uint16_t>(RrType::opt)) {
            return note_opt(record);
        }
        return true;
    }

    // A second OPT makes the whole message wrong (RFC 6891 section 6.1.1). The TTL of one holds
    // the upper bits of the rcode (section 6.1.3).
    bool note_opt(const Record& record) {
        if (out_.edns) return false;
        out_.edns = true;
        out_.rcode = static_cast<std::uint16_t>(record.ttl >> 24U << 4U | (flags_ & kRcode));
        for (std::size_t at = record.rdata; at < record.rdata_end();) {
            std::uint16_t code = 0;
            std::uint16_t size = 0;
            if (!message_.read_u16(at, code) || !message_.read_u16(at, size)) return false;
            if (at > record.rdata_end() || size > record.rdata_end() - at) return false;
            note_option(code, at, size);
            at += size;
        }
        return true;
    }

    void note_option(std::uint16_t code, std::size_t at, std::size_t size) {
        if (code == kClientSubnet && out_.client_subnet.empty())
            out_.client_subnet = message_.slice(at, size);
        if (code == kExtendedError)
            dns::read_extended_error(message_.slice(at, size), out_.answer.extended_error);
    }

    // Asked for CNAME, the chain is the answer and ends after one hop.
    bool follow_chain() {
        auto& targets = out_.answer.chain;
        if (!chain_.follow(question_at_, asks_for_cname() ? 1 : dns::kMostHops + 1, targets))
            return false;
        lowest_ttl_ = std::min(lowest_ttl_, chain_.lowest_ttl());
        return targets.size() <= dns::kMostHops;
    }

    [[nodiscard]] bool asks_for_cname() const { return question_.type == RrType::cname; }

    // False: the name at `at` is none. Nearly always both begin at one place.
    bool is_end_of_chain(std::size_t at, bool& is_it) {
        is_it = message_.first_label(at) == chain_.end();
        if (is_it) return true;
        WireName name;
        WireName end;
        auto end_at = chain_.end();
        if (!message_.read_name(at, name) || !message_.read_name(end_at, end)) return false;
        is_it = name == end;
        return true;
    }

    bool collect() {
        std::size_t at = records_at_;
        for (unsigned i = 0; i < counts_[0]; ++i) {
            Record record;
            if (!message_.read_record(at, record)) return false;
            if (!is(record, question_.type)) continue;
            bool owned = false;
            if (!is_end_of_chain(record.owner, owned) || (owned && !collect(record))) return false;
        }
        return true;
    }

    bool collect(const Record& record) {
        found_ = true;
        lower_ttl(record.ttl);
        return dns::read_rdata(message_, record, question_.type, counts_[0], out_.answer);
    }

    bool settle_failure() {
        const bool bogus = says(is_bogus);
        out_.answer.outcome = out_.rcode == kServFail  ? bogus ? Outcome::bogus : Outcome::servfail
                              : out_.rcode == kRefused ? Outcome::refused
                                                       : Outcome::other_rcode;
        return true;
    }

    void settle() {
        auto& answer = out_.answer;
        found_ = found_ || (asks_for_cname() && !answer.chain.empty());
        if (out_.rcode == kNxDomain) {
            answer.outcome = Outcome::nxdomain;
        } else if (found_) {
            answer.outcome = Outcome::answered;
        } else {
            answer.outcome = is_unfinished() ? Outcome::refused : Outcome::nodata;
        }
        if (answer.outcome == Outcome::nodata || answer.outcome == Outcome::nxdomain) {
            lower_ttl(negative_ttl());
            if (says(is_stale)) answer.outcome = Outcome::stale;
        }
        if (answer.outcome != Outcome::refused && says(is_filtered)) set_forged_apart(answer);
        answer.ttl = lowest_ttl_ == kNoTtl ? 0 : lowest_ttl_;
    }

    [[nodiscard]] bool says(bool (&is_it)(std::uint16_t)) const {
        const auto& error = out_.answer.extended_error;
        return error && is_it(error->code);
    }

    // Without SOA, "no such type" is not what the server said: a referral only points elsewhere
    // (RFC 2308 section 2.2), and a server that does not recurse leaves a chain unfinished.
    [[nodiscard]] bool is_unfinished() const {
        if (has_soa_) return false;
        const bool referral = has_ns_ && !out_.answer.authoritative;
        const bool left_alone = !out_.answer.chain.empty() && (flags_ & kRecursionAvailable) == 0;
        return referral || left_alone;
    }

    // RFC 2308 section 5: the lower of the SOA's TTL and its MINIMUM; 0 without a SOA of a zone
    // that holds the name.
    [[nodiscard]] std::uint32_t negative_ttl() const {
        WireName zone;
        WireName name;
        std::size_t at = soa_.owner;
        std::size_t name_at = chain_.end();
        if (!has_soa_ || !message_.read_name(at, zone) || !message_.read_name(name_at, name) ||
            !name.is_within(zone))
            return 0;
        at = soa_.rdata;
        std::uint32_t minimum = 0;
        bool whole = message_.skip_name(at) && message_.skip_name(at);
        for (int field = 0; field < 5 && whole; ++field) whole = message_.read_u32(at, minimum);
        if (!whole || at != soa_.rdata_end()) return 0;
        return std::min(dns::effective_ttl(soa_.ttl), dns::effective_ttl(minimum));
    }

    void lower_ttl(std::uint32_t on_wire) {
        lowest_ttl_ = std::min(lowest_ttl_, dns::effective_ttl(on_wire));
    }

    static constexpr std::uint32_t kNoTtl = std::numeric_limits<std::uint32_t>::max();

    Message message_;
    const Question& question_;
    Reading& out_;
    std::size_t at_ = 0;
    std::size_t records_at_ = 0;
    std::uint16_t flags_ = 0;
    std::uint16_t question_count_ = 0;
    std::array<std::uint16_t, 3> counts_{}; // answer, authority, additional
    dns::Chain chain_{message_};
    bool too_many_cnames_ = false;
    Record soa_;
    bool has_soa_ = false;
    bool has_ns_ = false;
    bool found_ = false;
    std::uint32_t lowest_ttl_ = kNoTtl;
    std::size_t question_at_ = 0;
};

} // namespace

void read_message(std::span<const std::uint8_t> message, const Question& question,
                  Reading& reading) {
    Reading fresh;
    const auto keep = [](auto& from, auto& to) {
        from.clear();
        to.swap(from);
    };
    keep(reading.answer.question.name, fresh.answer.question.name);
    keep(reading.answer.resolver, fresh.answer.resolver);
    keep(reading.answer.chain, fresh.answer.chain);
    keep(reading.answer.addresses, fresh.answer.addresses);
    reading = std::move(fresh);
    reading.answer.outcome = Outcome::malformed;
    if (!AnswerReader(message, question, reading).read()) distrust(reading.answer);
}

Reading read_message(std::span<const std::uint8_t> message, const Question& question) {
    Reading reading;
    read_message(message, question, reading);
    return reading;
}

Answer read_answer(std::span<const std::uint8_t> message, const Question& question) {
    auto answer = read_message(message, question).answer;
    answer.question = question;
    return answer;
}

} // namespace sweepgate
