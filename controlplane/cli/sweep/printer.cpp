// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/printer.hpp"

#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "controlplane/cli/table.hpp"

namespace sweepgate::cli {

namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> texts(const std::vector<Address>& addresses) {
    std::vector<std::string> found;
    for (const auto& address : addresses) found.push_back(to_string(address));
    return found;
}

void sort_records(Answer& answer) {
    std::ranges::sort(answer.addresses);
    std::ranges::sort(answer.hints);
    std::ranges::sort(answer.targets);
}

void print_chains(std::ostream& out, std::span<const Answer> answers) {
    const std::vector<std::string>* printed = nullptr;
    for (const auto& answer : answers) {
        if (printed != nullptr && *printed == answer.chain) continue;
        const auto* owner = &answer.question.name;
        for (const auto& target : answer.chain) {
            out << *owner << "\tcanonical name = " << target << ".\n";
            owner = &target;
        }
        if (!answer.chain.empty()) printed = &answer.chain;
    }
}

void print_records(std::ostream& out, const Answer& answer) {
    const auto& owner = answer.chain.empty() ? answer.question.name : answer.chain.back();
    for (const auto& address : answer.addresses)
        out << "Name:\t" << owner << "\nAddress: " << to_string(address) << '\n';
    for (const auto& target : answer.targets)
        out << owner << "\tservice = " << target.priority << ' ' << target.weight << ' '
            << target.port << ' ' << target.name << ".\n";
    for (const auto& hint : answer.hints)
        out << "Name:\t" << owner << "\nHint: " << to_string(hint) << '\n';
    if (answer.outcome == Outcome::answered && values_of(answer).empty())
        out << owner << "\thas a " << to_string(answer.question.type)
            << " record without addresses\n";
}

/// An answer with a reservation.
void print_stale(std::ostream& out, const Answer& answer) {
    if (answer.outcome != Outcome::answered || !is_stale(answer)) return;
    out << "*** " << answer.question.name << ' ' << to_string(answer.question.type)
        << ": a stale answer, the server could not ask\n";
}

void print_negative(std::ostream& out, std::span<const Answer> answers) {
    const auto has = [&](Outcome outcome) {
        return std::ranges::find(answers, outcome, &Answer::outcome) != answers.end();
    };
    const auto& name = answers.front().question.name;
    if (has(Outcome::nxdomain))
        out << "** server can't find " << name << ": NXDOMAIN\n";
    else if (has(Outcome::nodata) && !has(Outcome::answered))
        out << "*** Can't find " << name << ": No answer\n";
}

void print_failure(std::ostream& out, const Answer& answer) {
    out << "** server can't find " << answer.question.name << ": " << to_string(answer.outcome)
        << " (" << to_string(answer.question.type) << ", ";
    if (answer.tries == 0)
        out << "not sent: no server answers)";
    else
        out << answer.tries << (answer.tries == 1 ? " try)" : " tries)");
    if (const auto& error = answer.extended_error) {
        const auto name = extended_error_name(error->code);
        out << ": "
            << (name.empty() ? "extended error " + std::to_string(error->code) : std::string(name));
        if (!error->text.empty()) out << ": " << printable(error->text);
    }
    if (!answer.forged.empty())
        out << "; in its place " << fmt::format("{}", fmt::join(texts(answer.forged), ", "));
    out << '\n';
}

Json to_json(const ExtendedError& error) {
    return {{"code", error.code}, {"name", extended_error_name(error.code)}, {"text", error.text}};
}

Json to_json(const std::vector<SrvTarget>& targets) {
    auto list = Json::array();
    for (const auto& target : targets)
        list.push_back({{"name", target.name},
                        {"port", target.port},
                        {"priority", target.priority},
                        {"weight", target.weight}});
    return list;
}

std::string to_text(const Json& json) { return json_text(json); }

} // namespace

std::vector<std::string> values_of(const Answer& answer) {
    if (answer.question.type == RrType::cname) return answer.chain;
    auto found = texts(answer.addresses);
    for (auto& hint : texts(answer.hints)) found.push_back(std::move(hint));
    for (const auto& target : answer.targets)
        found.push_back(target.name + ":" + std::to_string(target.port));
    return found;
}

void SweepPrinter::print(std::span<const Answer> answers) {
    std::vector<Answer> in_order;
    if (sorted_) {
        in_order.assign(answers.begin(), answers.end());
        for (auto& answer : in_order) sort_records(answer);
        answers = in_order;
    }
    if (format_ == SweepFormat::text) print_text(answers);
    for (const auto& answer : answers) {
        if (format_ == SweepFormat::short_line) print_short(answer);
        if (format_ == SweepFormat::json) print_json(answer);
    }
}

void SweepPrinter::print(std::span<const Judgement> refused) {
    Table table(
        {"ADDRESS", "SYSTEM", Column("NAME").cuts(12).rank(1), Column("BECAUSE").wraps(20)});
    for (const auto& each : refused) {
        const auto address = to_string(each.prefix.address);
        if (format_ == SweepFormat::json)
            out_ << to_text({{"kind", "guard"},
                             {"name", each.hostname},
                             {"system", each.system},
                             {"address", address},
                             {"guard", to_string(each.disposition)},
                             {"reason", each.reason}})
                 << '\n';
        else if (format_ == SweepFormat::short_line)
            out_ << each.hostname << " GUARD " << to_string(each.disposition) << ' ' << address
                 << ": " << printable(each.reason) << '\n';
        else
            table.add({address, each.system, each.hostname, each.reason});
    }
    if (table.empty()) return;
    out_ << "The guard would refuse:\n";
    table.print(out_);
}

// The server heads the block when it is another than before.
void SweepPrinter::print_text(std::span<const Answer> answers) {
    for (const auto& answer : answers)
        if (!sorted_ && !answer.resolver.empty() && answer.resolver != server_)
            print_server(answer.resolver);
    print_chains(out_, answers);
    for (const auto& answer : answers) {
        print_records(out_, answer);
        print_stale(out_, answer);
    }
    print_negative(out_, answers);
    for (const auto& answer : answers)
        if (!is_conclusive(answer.outcome)) print_failure(out_, answer);
    out_ << '\n';
}

void SweepPrinter::print_server(const std::string& resolver) {
    server_ = resolver;
    const auto colon = resolver.rfind(':');
    auto host = resolver.substr(0, colon);
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    out_ << "Server:\t\t" << host << "\nAddress:\t" << host << '#' << resolver.substr(colon + 1)
         << "\n\n";
}

void SweepPrinter::print_short(const Answer& answer) {
    out_ << answer.question.name << ' ' << to_string(answer.question.type) << ' '
         << to_string(answer.outcome) << ' ' << (sorted_ ? "-" : std::to_string(answer.ttl));
    for (const auto& value : values_of(answer)) out_ << ' ' << value;
    out_ << '\n';
}

void SweepPrinter::print_json(const Answer& answer) {
    auto& line = json_;
    line.text("kind", "answer");
    line.text("name", answer.question.name);
    line.text("type", to_string(answer.question.type));
    line.text("status", to_string(answer.outcome));
    if (sorted_) {
        for (const auto* key : {"resolver", "ttl"}) line.null(key);
    } else {
        line.text("resolver", answer.resolver);
        line.number("ttl", answer.ttl);
    }
    line.texts("chain", answer.chain);
    line.addresses("addresses", answer.addresses);
    if (sorted_) {
        for (const auto* key : {"tries", "rtt_ms", "proto"}) line.null(key);
    } else {
        line.number("tries", answer.tries);
        line.milliseconds("rtt_ms", static_cast<std::uint64_t>(answer.rtt.count()));
        line.text("proto", answer.over_tcp ? "tcp" : "udp");
    }
    line.flag("authenticated", answer.authenticated);
    if (answer.extended_error)
        line.raw("extended_error", to_text(to_json(*answer.extended_error)));
    else
        line.null("extended_error");
    if (answer.subnet_scope)
        line.number("subnet_scope", *answer.subnet_scope);
    else
        line.null("subnet_scope");
    line.addresses("forged", answer.forged);
    if (answer.question.type == RrType::svcb || answer.question.type == RrType::https)
        line.addresses("hints", answer.hints);
    if (answer.question.type == RrType::srv) line.raw("targets", to_text(to_json(answer.targets)));
    out_ << line.end();
}

} // namespace sweepgate::cli
