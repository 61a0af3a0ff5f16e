// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/changes.hpp"

#include <fmt/format.h>

#include "controlplane/controller/json.hpp"
#include "controlplane/controller/number.hpp"
#include "controlplane/guard/translated.hpp"

namespace sweepgate::controller {

namespace {

using nlohmann::json;
using wire::AdminReply;

constexpr std::size_t kMostHeld = 1'000;
constexpr std::size_t kMostNames = 8; // of one address in an answer

json to_json(const std::vector<ChangedPrefix>& changed) {
    return list_of(changed, [](const ChangedPrefix& each) {
        return json{
            {"prefix", to_string(each.prefix)}, {"names", each.names}, {"place", each.place}};
    });
}

struct Ends {
    Generation from = 0;
    Generation to = 0;
};

Result<Generation> generation_from(std::string_view text) {
    const auto number = number_from(text).value_or(0);
    if (number == 0)
        return fail(Errc::bad_input,
                    fmt::format("'{}' is not a generation's number", text.substr(0, 40)));
    return number;
}

Result<Ends> ends_from(const Controller& controller, std::string_view text) {
    const auto space = std::min(text.find(' '), text.size());
    Ends ends;
    if (!text.empty()) {
        const auto from = generation_from(text.substr(0, space));
        if (!from) return tl::unexpected(from.error());
        ends.from = *from;
    }
    if (space < text.size()) {
        const auto to = generation_from(text.substr(space + 1));
        if (!to) return tl::unexpected(to.error());
        ends.to = *to;
        return ends;
    }
    const auto newest = controller.generations(2);
    if (!newest) return tl::unexpected(newest.error());
    if (newest->empty()) return fail(Errc::not_found, "no generation has been published");
    ends.to = newest->front().number;
    if (ends.from == 0) ends.from = newest->back().number;
    return ends;
}

} // namespace

json to_json(const Difference& difference) {
    return {{"systems", list_of(difference.systems,
                                [](const SystemDifference& changed) {
                                    return json{{"system", changed.system},
                                                {"added", to_json(changed.added)},
                                                {"removed", to_json(changed.removed)},
                                                {"now_shared", to_json(changed.now_shared)},
                                                {"now_exclusive", to_json(changed.now_exclusive)}};
                                })},
            {"left_out", difference.left_out}};
}

json to_json(const Hold& hold, const NamesOf& names_of) {
    const auto told = [&](const std::vector<Address>& addresses) {
        auto lines = json::array();
        for (const auto& address : addresses)
            if (lines.size() < kMostHeld)
                lines.push_back({{"prefix", to_string(host(address))},
                                 {"names", names_of(hold.system, address)}});
        return lines;
    };
    return {{"system", hold.system},         {"reason", hold.reason},
            {"before", hold.before},         {"after", hold.after},
            {"refused_by", hold.refused_by}, {"added", told(hold.added)},
            {"removed", told(hold.removed)}};
}

NamesOf names_in_book(const Controller& controller) {
    return [&controller](const std::string& system, const Address& address) {
        std::vector<std::string> names;
        const auto known = controller.history(address);
        if (!known) return names;
        for (const auto& entry : *known)
            if (entry.name.system == system && names.size() < kMostNames)
                names.push_back(entry.name.hostname);
        return names;
    };
}

AdminReply diff(const Controller& controller, const std::string& argument) {
    const auto ends = ends_from(controller, argument);
    if (!ends) return AdminReply::fault(ends.error());
    const auto from = controller.published(ends->from);
    if (!from) return AdminReply::fault(from.error());
    const auto to = controller.published(ends->to);
    if (!to) return AdminReply::fault(to.error());
    auto object = to_json(difference(*from, *to, names_in_book(controller),
                                     translation_prefixes(controller.view().policy.nat64)));
    object["from"] = ends->from;
    object["to"] = ends->to;
    return ok(object);
}

} // namespace sweepgate::controller
