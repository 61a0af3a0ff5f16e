// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/render_policies.hpp"

#include <ostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "controlplane/cli/fields.hpp"
#include "controlplane/cli/render_alarms.hpp"
#include "controlplane/cli/table.hpp"

namespace sweepgate::cli {

using nlohmann::json;

namespace {

/// "2 (held.toml, alice, 2026-11-30T19:21:00Z)": what is not known is left out.
std::string named(const json& policy) {
    std::string details;
    for (const auto* key : {"file", "author", "time"})
        if (const auto word = text(policy, key); !word.empty())
            details += (details.empty() ? "" : ", ") + word;
    return fmt::format("{} ({})", number(policy, "number"), printable(details));
}

/// Tabs stay, since they are TOML; no other control character reaches a terminal.
void print_line(std::ostream& out, std::string_view line) {
    for (;;) {
        const auto tab = line.find('\t');
        out << printable(line.substr(0, tab));
        if (tab == std::string_view::npos) break;
        out << '\t';
        line.remove_prefix(tab + 1);
    }
}

std::string cause(const json& policy) {
    const auto back = number(policy, "back_to");
    if (back != 0) return fmt::format("rollback to {}", back);
    return text(policy, "cause");
}

} // namespace

void render_policies(std::ostream& out, const json& answer) {
    Table table({">POLICY", "", Column("TIME").rank(1), "AUTHOR", Column("FILE").cuts(12),
                 Column("CAUSE").rank(2), Column("MESSAGE").wraps(16), Column("LISTS").rank(3)});
    for (const auto& each : list(answer, "policies"))
        table.add({text(each, "number"), is_set(each, "in_force") ? "in force" : "",
                   text(each, "time"), text(each, "author"), text(each, "file"), cause(each),
                   text(each, "message"), std::to_string(list(each, "lists").size())});
    if (table.empty())
        out << "no policy is filed\n";
    else
        table.print(out);
}

void render_policy(std::ostream& out, const json& answer) {
    out << "# policy " << named(answer) << (is_set(answer, "in_force") ? ", in force\n" : "\n");
    if (const auto message = text(answer, "message"); !message.empty())
        out << "# " << printable(message) << '\n';
    for (const auto& each : list(answer, "lists"))
        out << fmt::format("# list {} ({}, {} bytes){}\n", printable(text(each, "name")),
                           text(each, "format"), number(each, "bytes"),
                           text(each, "error").empty() ? ""
                                                       : ": " + printable(text(each, "error")));
    const auto policy = text(answer, "text");
    for (std::size_t start = 0; start < policy.size();) {
        const auto end = std::min(policy.find('\n', start), policy.size());
        print_line(out, std::string_view(policy).substr(start, end - start));
        out << '\n';
        start = end + 1;
    }
}

void render_policy_diff(std::ostream& out, const json& answer) {
    out << "policy " << named(answer.at("from")) << " to " << named(answer.at("to")) << ": "
        << number(answer, "added") << " lines added, " << number(answer, "removed") << " removed\n";
    for (const auto& each : list(answer, "lists"))
        out << "  list " << printable(text(each, "name")) << ' ' << text(each, "change") << '\n';
    for (const auto& line : list(answer, "lines"))
        out << printable(line.get<std::string>()) << '\n';
}

void render_rollback(std::ostream& out, const json& answer) {
    render_warnings(out, answer);
    const auto back = answer.value("back_to", json());
    if (is_set(answer, "unchanged")) {
        out << "policy " << named(back.is_object() ? back : answer.at("filed"))
            << " is what is in force: nothing changes\n";
        return;
    }
    out << "rolled back to policy " << named(back.is_object() ? back : answer.at("filed"))
        << ", filed as " << number(answer, "policy")
        << fmt::format(": generation {}, +{} -{} prefixes of {}\n", number(answer, "generation"),
                       number(answer, "added"), number(answer, "removed"),
                       number(answer, "before"));
}

} // namespace sweepgate::cli
