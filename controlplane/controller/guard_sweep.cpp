// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/guard_sweep.hpp"

#include <array>
#include <map>

#include "controlplane/model/name.hpp"
#include "resolver/entropy.hpp"
#include "resolver/reverse.hpp"

namespace sweepgate::controller {

namespace {

constexpr std::array kTopLevel{"com", "net", "org"};
constexpr std::size_t kLabel = 24; // 124 bits: nobody has registered it, nobody has cached it

std::string random_label(dns::Entropy& entropy) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz234567";
    std::string label = "x"; // no digit in front
    auto bits = entropy.bits();
    for (std::size_t i = 1; i < kLabel; ++i) {
        if (i % 12 == 0) bits = entropy.bits();
        label += kLetters[bits % kLetters.size()];
        bits /= kLetters.size();
    }
    return label;
}

/// Hostname -> operator, "" for a top-level domain. Afresh each time: an answer must not come out
/// of a cache, nor a filter learn our names.
std::map<std::string, std::string> canary_names(const std::vector<VendorName>& vendors) {
    dns::Entropy entropy;
    std::map<std::string, std::string> names;
    for (const auto* top : kTopLevel) names[random_label(entropy) + "." + top] = "";
    for (const auto& vendor : vendors)
        if (auto name = canonical_name(random_label(entropy) + "." + vendor.hostname))
            names[std::move(*name)] = vendor.operator_name;
    return names;
}

} // namespace

Result<std::unique_ptr<GuardSweep>> GuardSweep::create(const SweepOptions& options) {
    auto sweeper = Sweeper::create(options);
    if (!sweeper) return tl::unexpected(sweeper.error());
    return std::unique_ptr<GuardSweep>(
        new GuardSweep(std::move(*sweeper), static_cast<std::uint8_t>(options.servers.size())));
}

Status GuardSweep::ask_canaries(const GuardQuestions& questions, GuardFindings& findings,
                                const std::function<bool()>& stop_requested) {
    const auto names = canary_names(questions.vendors);
    std::vector<Question> asked;
    for (std::uint8_t server = 0; server < servers_; ++server)
        for (const auto& [hostname, operator_name] : names)
            for (const auto type : {RrType::a, RrType::aaaa})
                asked.push_back({hostname, type, server});
    std::vector<CanaryAnswer> answers;
    auto ok = sweeper_->sweep(
        asked,
        [&](const Answer& answer) {
            CanaryAnswer said;
            said.resolver = answer.resolver;
            said.hostname = answer.question.name;
            said.operator_name = names.at(answer.question.name);
            said.denied = answer.outcome == Outcome::nxdomain || answer.outcome == Outcome::nodata;
            said.filtered = answer.extended_error && is_filtered(answer.extended_error->code);
            said.addresses = said.filtered ? answer.forged : answer.addresses;
            answers.push_back(std::move(said));
        },
        stop_requested);
    if (!ok) return ok;
    findings.canaries = true;
    findings.sinkholes = find_sinkholes(answers);
    return {};
}

Status GuardSweep::ask_reverse(const GuardQuestions& questions, GuardFindings& findings,
                               const std::function<bool()>& stop_requested) {
    std::map<std::string, Address> addresses;
    std::vector<Question> asked;
    for (const auto& address : questions.addresses) {
        asked.push_back({reverse_name(address), RrType::ptr});
        addresses[asked.back().name] = address;
    }
    return sweeper_->sweep(
        asked,
        [&](const Answer& answer) {
            const auto& address = addresses.at(answer.question.name);
            if (!is_conclusive(answer.outcome)) {
                findings.unanswered.push_back(address);
                return;
            }
            std::string name;
            if (!answer.targets.empty())
                if (auto canonical = canonical_name(answer.targets.front().name))
                    name = std::move(*canonical);
            findings.reverse_names.emplace_back(address, std::move(name));
        },
        stop_requested);
}

Result<GuardFindings> GuardSweep::run(const GuardQuestions& questions,
                                      const std::function<bool()>& stop_requested) {
    GuardFindings findings;
    if (questions.canaries)
        if (auto ok = ask_canaries(questions, findings, stop_requested); !ok)
            return tl::unexpected(ok.error());
    if (!questions.addresses.empty())
        if (auto ok = ask_reverse(questions, findings, stop_requested); !ok)
            return tl::unexpected(ok.error());
    return findings;
}

} // namespace sweepgate::controller
