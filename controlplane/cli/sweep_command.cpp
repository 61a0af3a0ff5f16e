// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep_command.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iostream>
#include <optional>
#include <ostream>
#include <unordered_map>
#include <utility>

#include <nlohmann/json.hpp>

#include "resolver/name.hpp"

namespace sweepgate::cli {

namespace {

constexpr std::size_t kMostNames = 4'000'000;
constexpr std::size_t kLongestLine = 2048;

// ---- what is asked for ------------------------------------------------------------------------

struct Request {
    std::vector<std::string> names; // canonical, each once, in the order given
    std::vector<std::string> servers;
    std::vector<RrType> types;
};

class NameList {
public:
    [[nodiscard]] Status add(std::string_view text) {
        auto name = canonical_name(text);
        if (!name) return tl::unexpected(name.error());
        if (names_.size() >= kMostNames) return fail(Errc::bad_input, "more than 4,000,000 names");
        if (seen_.emplace(*name, names_.size()).second) names_.push_back(std::move(*name));
        return {};
    }
    [[nodiscard]] std::vector<std::string> take() { return std::move(names_); }

private:
    std::vector<std::string> names_;
    std::unordered_map<std::string, std::size_t> seen_;
};

std::string_view without_comment_and_blanks(std::string_view line) {
    constexpr std::string_view kBlanks = " \t\r";
    line = line.substr(0, line.find('#'));
    const auto begin = line.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return {};
    return line.substr(begin, line.find_last_not_of(kBlanks) - begin + 1);
}

Status read_names(std::istream& in, const std::string& shown, NameList& names) {
    std::array<char, kLongestLine> buffer{};
    for (std::size_t number = 1; in; ++number) {
        in.getline(buffer.data(), buffer.size());
        const auto context = shown + ": line " + std::to_string(number);
        if (in.fail() && !in.eof())
            return fail(Errc::bad_input, context + ": longer than 2,047 characters");
        const auto length =
            static_cast<std::size_t>(in.gcount()) - (in.eof() || in.gcount() == 0 ? 0 : 1);
        const auto text = without_comment_and_blanks({buffer.data(), length});
        if (text.empty()) continue;
        if (auto added = names.add(text); !added) return within(context, added.error());
    }
    if (in.bad()) return fail(Errc::io, shown + ": cannot be read");
    return {};
}

Status read_file(const std::string& path, std::istream& standard_input, NameList& names) {
    if (path == "-") return read_names(standard_input, "standard input", names);
    std::ifstream file(path);
    if (!file) return fail(Errc::bad_input, path + ": " + errno_text(errno));
    return read_names(file, path, names);
}

// "192.0.2.53" takes the command's port; a server that names its own keeps it.
std::string with_port(const std::string& server, std::uint16_t port) {
    const bool bracketed = server.starts_with('[');
    const bool bare_v6 = !bracketed && std::ranges::count(server, ':') > 1;
    const bool has_port = bracketed ? server.find("]:") != std::string::npos
                                    : !bare_v6 && server.find(':') != std::string::npos;
    if (has_port) return server;
    return (bare_v6 ? "[" + server + "]" : server) + ":" + std::to_string(port);
}

Result<Request> read_request(const SweepCommand& command, std::istream& in) {
    Request request;
    NameList names;
    auto servers = command.servers;
    for (const auto& argument : command.names) {
        if (argument.starts_with('@')) {
            servers.push_back(argument.substr(1));
        } else if (auto added = names.add(argument); !added) {
            return tl::unexpected(added.error());
        }
    }
    if (!command.file.empty())
        if (auto read = read_file(command.file, in, names); !read)
            return tl::unexpected(read.error());
    request.names = names.take();
    if (request.names.empty()) return fail(Errc::bad_input, "no name to ask for");
    if (servers.empty()) servers = system_resolvers();
    for (const auto& server : servers) request.servers.push_back(with_port(server, command.port));
    for (const auto type : command.types)
        if (std::ranges::find(request.types, type) == request.types.end())
            request.types.push_back(type);
    if (request.types.empty()) return fail(Errc::bad_input, "no record type to ask for");
    return request;
}

// ---- how an answer looks ----------------------------------------------------------------------

// Everything an answer brought that belongs on the right of its line.
std::vector<std::string> values(const Answer& answer) {
    std::vector<std::string> texts;
    for (const auto& address : answer.addresses) texts.push_back(to_string(address));
    for (const auto& hint : answer.hints) texts.push_back(to_string(hint));
    for (const auto& target : answer.targets)
        texts.push_back(target.name + ":" + std::to_string(target.port));
    if (answer.question.type == RrType::cname) texts = answer.chain;
    return texts;
}

void print_short(std::ostream& out, const Answer& answer) {
    out << answer.question.name << ' ' << to_string(answer.question.type) << ' '
        << to_string(answer.outcome) << ' ' << answer.ttl;
    for (const auto& value : values(answer)) out << ' ' << value;
    out << '\n';
}

void print_json(std::ostream& out, const Answer& answer) {
    nlohmann::ordered_json line;
    line["name"] = answer.question.name;
    line["type"] = to_string(answer.question.type);
    line["status"] = to_string(answer.outcome);
    line["resolver"] = answer.resolver;
    line["ttl"] = answer.ttl;
    line["chain"] = answer.chain;
    auto& addresses = line["addresses"] = nlohmann::ordered_json::array();
    for (const auto& address : answer.addresses) addresses.push_back(to_string(address));
    line["tries"] = answer.tries;
    line["rtt_ms"] = static_cast<double>(answer.rtt.count()) / 1000.0;
    line["proto"] = answer.over_tcp ? "tcp" : "udp";
    line["authenticated"] = answer.authenticated;
    if (answer.question.type == RrType::https) {
        auto& hints = line["hints"] = nlohmann::ordered_json::array();
        for (const auto& hint : answer.hints) hints.push_back(to_string(hint));
    }
    if (answer.question.type == RrType::srv) {
        auto& targets = line["targets"] = nlohmann::ordered_json::array();
        for (const auto& target : answer.targets)
            targets.push_back({{"name", target.name},
                               {"port", target.port},
                               {"priority", target.priority},
                               {"weight", target.weight}});
    }
    out << line.dump() << '\n';
}

// nslookup(1)'s blocks, one a name; its server heads the block when it is another than before.
class TextPrinter {
public:
    explicit TextPrinter(std::ostream& out) : out_(out) {}

    void print(std::span<const Answer> answers) {
        for (const auto& answer : answers)
            if (!answer.resolver.empty() && answer.resolver != server_)
                print_server(answer.resolver);
        print_chains(answers);
        for (const auto& answer : answers) print_records(answer);
        print_negative(answers);
        for (const auto& answer : answers)
            if (!is_conclusive(answer.outcome)) print_failure(answer);
        out_ << '\n';
    }

private:
    void print_server(const std::string& resolver) {
        server_ = resolver;
        const auto colon = resolver.rfind(':');
        auto host = resolver.substr(0, colon);
        if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
        out_ << "Server:\t\t" << host << "\nAddress:\t" << host << '#' << resolver.substr(colon + 1)
             << "\n\n";
    }

    void print_chains(std::span<const Answer> answers) {
        const std::vector<std::string>* printed = nullptr;
        for (const auto& answer : answers) {
            if (printed != nullptr && *printed == answer.chain) continue;
            const auto* owner = &answer.question.name;
            for (const auto& target : answer.chain) {
                out_ << *owner << "\tcanonical name = " << target << ".\n";
                owner = &target;
            }
            if (!answer.chain.empty()) printed = &answer.chain;
        }
    }

    void print_records(const Answer& answer) {
        const auto& owner = answer.chain.empty() ? answer.question.name : answer.chain.back();
        for (const auto& address : answer.addresses)
            out_ << "Name:\t" << owner << "\nAddress: " << to_string(address) << '\n';
        for (const auto& target : answer.targets)
            out_ << owner << "\tservice = " << target.priority << ' ' << target.weight << ' '
                 << target.port << ' ' << target.name << ".\n";
        for (const auto& hint : answer.hints)
            out_ << "Name:\t" << owner << "\nHint: " << to_string(hint) << '\n';
        if (answer.outcome == Outcome::answered && values(answer).empty())
            out_ << owner << "\thas a " << to_string(answer.question.type)
                 << " record without addresses\n";
    }

    void print_negative(std::span<const Answer> answers) {
        const auto has = [&](Outcome outcome) {
            return std::ranges::find(answers, outcome, &Answer::outcome) != answers.end();
        };
        const auto& name = answers.front().question.name;
        if (has(Outcome::nxdomain))
            out_ << "** server can't find " << name << ": NXDOMAIN\n";
        else if (has(Outcome::nodata) && !has(Outcome::answered))
            out_ << "*** Can't find " << name << ": No answer\n";
    }

    void print_failure(const Answer& answer) {
        out_ << "** server can't find " << answer.question.name << ": " << to_string(answer.outcome)
             << " (" << to_string(answer.question.type) << ", ";
        if (answer.tries == 0)
            out_ << "not sent: no server answers)\n";
        else
            out_ << answer.tries << (answer.tries == 1 ? " try)\n" : " tries)\n");
    }

    std::ostream& out_;
    std::string server_;
};

// ---- from answers in any order to lines in the order of the names -------------------------------

class Report {
public:
    Report(const Request& request, SweepFormat format, std::ostream& out)
        : names_(request.names), types_(request.types), format_(format), out_(out), text_(out),
          answers_(names_.size()) {
        for (std::size_t i = 0; i < names_.size(); ++i) place_.emplace(names_[i], i);
    }

    void add(const Answer& answer) {
        any_server_ = any_server_ || answer.outcome != Outcome::timeout;
        all_answered_ = all_answered_ && is_conclusive(answer.outcome);
        answers_[place_.at(answer.question.name)].push_back(answer);
        const auto printed = next_;
        for (; next_ < answers_.size() && answers_[next_].size() == types_.size(); ++next_)
            print(answers_[next_]);
        if (next_ != printed) out_.flush();
    }

    [[nodiscard]] int exit_code() const {
        if (all_answered_) return kSweepAllAnswered;
        return any_server_ ? kSweepSomeFailed : kSweepNoServer;
    }

private:
    void print(std::vector<Answer>& of_name) {
        std::ranges::sort(of_name, {}, [this](const Answer& answer) {
            return std::ranges::find(types_, answer.question.type) - types_.begin();
        });
        if (format_ == SweepFormat::text) text_.print(of_name);
        for (const auto& answer : of_name) {
            if (format_ == SweepFormat::short_line) print_short(out_, answer);
            if (format_ == SweepFormat::json) print_json(out_, answer);
        }
        of_name = {}; // a long sweep keeps only what is not printed yet
    }

    const std::vector<std::string>& names_;
    const std::vector<RrType>& types_;
    SweepFormat format_;
    std::ostream& out_;
    TextPrinter text_;
    std::vector<std::vector<Answer>> answers_; // by the name's place
    std::unordered_map<std::string_view, std::size_t> place_;
    std::size_t next_ = 0; // first name not yet printed
    bool any_server_ = false;
    bool all_answered_ = true;
};

SweepOptions options_of(const SweepCommand& command, const Request& request) {
    SweepOptions options;
    options.servers = request.servers;
    options.window = command.window;
    options.queries_per_second = command.queries_per_second;
    if (!command.timeouts.empty()) options.timeouts = command.timeouts;
    return options;
}

std::vector<Question> questions_of(const Request& request) {
    std::vector<Question> questions;
    questions.reserve(request.names.size() * request.types.size());
    for (const auto& name : request.names)
        for (const auto type : request.types) questions.push_back({name, type});
    return questions;
}

int complain(std::ostream& err, const Error& error, int code) {
    err << "sweepgate sweep: " << error.what << '\n';
    return code;
}

} // namespace

int run_sweep(const SweepCommand& command) {
    return run_sweep(command, std::cin, std::cout, std::cerr);
}

int run_sweep(const SweepCommand& command, std::istream& in, std::ostream& out, std::ostream& err) {
    const auto request = read_request(command, in);
    if (!request) return complain(err, request.error(), kSweepUsage);
    if (request->servers.empty())
        return complain(err, {Errc::unavailable, "no server given and none in /etc/resolv.conf"},
                        kSweepNoServer);
    const auto sweeper = Sweeper::create(options_of(command, *request));
    if (!sweeper)
        return complain(err, sweeper.error(),
                        sweeper.error().code == Errc::bad_input ? kSweepUsage : kSweepNoServer);
    Report report(*request, command.format, out);
    const auto questions = questions_of(*request);
    const auto swept = (*sweeper)->sweep(
        questions, [&](const Answer& answer) { report.add(answer); }, [&] { return !out.good(); });
    if (!swept) return complain(err, swept.error(), kSweepSomeFailed);
    return report.exit_code();
}

} // namespace sweepgate::cli
