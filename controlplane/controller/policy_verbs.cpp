// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/policy_verbs.hpp"

#include <fmt/format.h>

#include "controlplane/controller/json.hpp"
#include "controlplane/controller/number.hpp"
#include "controlplane/controller/text_diff.hpp"

namespace sweepgate::controller {

using nlohmann::json;
using wire::AdminReply;

namespace {

constexpr std::size_t kListed = 200;
constexpr std::size_t kMaxListShown = std::size_t{1} << 20U; // bytes of one list in an answer

Result<FiledPolicy> filed_at(const Controller& controller, std::string_view text) {
    const auto number =
        text.empty() ? std::optional(controller.view().policy_number) : number_from(text);
    if (!number || *number == 0)
        return fail(Errc::bad_input,
                    fmt::format("'{}' is not a policy's number", text.substr(0, 40)));
    return controller.policy(*number);
}

/// The policy filed before `policy`, whoever filed it.
Result<FiledPolicy> filed_before(const Controller& controller, const FiledPolicy& policy) {
    for (const auto& other : controller.policies(kListed))
        if (other.number < policy.number) return controller.policy(other.number);
    return fail(Errc::not_found, fmt::format("no policy is filed before {}", policy.number));
}

json list_changes(const FiledPolicy& from, const FiledPolicy& to) {
    auto changes = json::array();
    const auto tell = [&](const FiledList& list, const char* change) {
        changes.push_back({{"name", list.name}, {"change", change}});
    };
    const auto find = [](const FiledPolicy& policy, const FiledList& list) -> const FiledList* {
        for (const auto& other : policy.lists)
            if (other.name == list.name && other.format == list.format) return &other;
        return nullptr;
    };
    for (const auto& list : from.lists)
        if (const auto* other = find(to, list); other == nullptr)
            tell(list, "removed");
        else if (other->digest != list.digest)
            tell(list, "changed");
    for (const auto& list : to.lists)
        if (find(from, list) == nullptr) tell(list, "added");
    return changes;
}

} // namespace

json to_json(const FiledPolicy& policy, std::uint64_t in_force) {
    const auto& note = policy.note;
    return {{"number", policy.number},
            {"file", note.file},
            {"author", note.author},
            {"message", note.message},
            {"time", to_json(policy.time)},
            {"digest", policy.digest},
            {"cause", to_string(note.cause)},
            {"back_to", note.back_to == 0 ? json(nullptr) : json(note.back_to)},
            {"in_force", policy.number == in_force},
            {"lists", list_of(policy.lists, [](const FiledList& list) {
                 return json{{"name", list.name},
                             {"format", list.format},
                             {"digest", list.digest},
                             {"bytes", list.bytes}};
             })}};
}

json to_json(const PolicyChange& change) {
    const auto number = change.policy.number;
    return {{"generation", change.generation},
            {"policy", number},
            {"filed", to_json(change.policy, number)},
            {"unchanged", change.unchanged},
            {"back_to", change.back_to ? to_json(*change.back_to, number) : json(nullptr)},
            {"added", change.added},
            {"removed", change.removed},
            {"before", change.before},
            {"warnings", change.warnings}};
}

std::string audit_detail(const PolicyChange& change) {
    auto detail = fmt::format("policy {}", change.policy.number);
    if (const auto& file = change.policy.note.file; !file.empty()) detail += " (" + file + ")";
    if (change.back_to) detail += fmt::format(", back to {}", change.back_to->number);
    if (const auto& message = change.policy.note.message; !message.empty())
        detail += ": " + message;
    return detail + (change.unchanged ? "; unchanged"
                                      : fmt::format("; +{} -{}", change.added, change.removed));
}

AdminReply policies(const Controller& controller) {
    const auto in_force = controller.view().policy_number;
    return ok({{"in_force", in_force},
               {"policies", list_of(controller.policies(kListed),
                                    [&](const auto& each) { return to_json(each, in_force); })}});
}

AdminReply policy(const Controller& controller, const std::string& argument) {
    const auto filed = filed_at(controller, argument);
    if (!filed) return AdminReply::fault(filed.error());
    auto object = to_json(*filed, controller.view().policy_number);
    object["text"] = filed->text;
    for (std::size_t i = 0; i < filed->lists.size(); ++i) {
        const auto text = controller.list_text(filed->lists[i]);
        auto& list = object["lists"][i];
        list["error"] = text ? "" : text.error().what;
        list["text"] = text ? text->substr(0, kMaxListShown) : std::string{};
    }
    return ok(object);
}

AdminReply policy_diff(const Controller& controller, const std::string& argument) {
    const auto space = std::min(argument.find(' '), argument.size());
    const auto first = std::string_view(argument).substr(0, space);
    const auto second = std::string_view(argument).substr(std::min(space + 1, argument.size()));
    const auto to = filed_at(controller, second);
    if (!to) return AdminReply::fault(to.error());
    const auto from = first.empty() ? filed_before(controller, *to) : filed_at(controller, first);
    if (!from) return AdminReply::fault(from.error());
    const auto diff = text_diff(from->text, to->text);
    const auto in_force = controller.view().policy_number;
    return ok({{"from", to_json(*from, in_force)},
               {"to", to_json(*to, in_force)},
               {"lines", diff.lines},
               {"added", diff.added},
               {"removed", diff.removed},
               {"lists", list_changes(*from, *to)}});
}

} // namespace sweepgate::controller
