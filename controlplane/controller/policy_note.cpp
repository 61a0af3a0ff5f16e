// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/policy_note.hpp"

#include <array>

#include <nlohmann/json.hpp>

namespace sweepgate::controller {

using nlohmann::json;

namespace {

constexpr std::array kCauses{FiledBy::unknown,  FiledBy::start, FiledBy::push,
                             FiledBy::rollback, FiledBy::file,  FiledBy::lists};

FiledBy cause_from(const std::string& word) {
    for (const auto cause : kCauses)
        if (to_string(cause) == word) return cause;
    return FiledBy::unknown;
}

FiledPolicy read(const json& object) {
    FiledPolicy policy;
    policy.number = object.at("number").get<std::uint64_t>();
    policy.text = object.at("text").get<std::string>();
    policy.digest = object.at("digest").get<std::string>();
    policy.time = Instant(std::chrono::seconds(object.value("time", std::int64_t{0})));
    policy.note = {cause_from(object.value("cause", "")), object.value("author", ""),
                   object.value("file", ""), object.value("message", ""),
                   object.value("back_to", std::uint64_t{0})};
    for (const auto& each : object.value("lists", json::array()))
        policy.lists.push_back({each.at("name").get<std::string>(),
                                each.at("format").get<std::string>(),
                                each.at("digest").get<std::string>(), each.value("seen", ""),
                                each.value("bytes", std::size_t{0})});
    return policy;
}

} // namespace

std::string_view to_string(FiledBy cause) {
    switch (cause) {
    case FiledBy::unknown: return "unknown";
    case FiledBy::start: return "start";
    case FiledBy::push: return "push";
    case FiledBy::rollback: return "rollback";
    case FiledBy::file: return "file";
    case FiledBy::lists: return "lists";
    }
    return "unknown";
}

std::string to_note(const FiledPolicy& policy) {
    auto lists = json::array();
    for (const auto& list : policy.lists)
        lists.push_back({{"name", list.name},
                         {"format", list.format},
                         {"digest", list.digest},
                         {"seen", list.seen},
                         {"bytes", list.bytes}});
    const json object{{"number", policy.number},
                      {"digest", policy.digest},
                      {"time", policy.time.time_since_epoch().count()},
                      {"cause", to_string(policy.note.cause)},
                      {"author", policy.note.author},
                      {"file", policy.note.file},
                      {"message", policy.note.message},
                      {"back_to", policy.note.back_to},
                      {"lists", lists},
                      {"text", policy.text}};
    // TOML is UTF-8; a text that is not has been refused before it comes here.
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<FiledPolicy> from_note(std::string_view text) {
    try {
        auto policy = read(json::parse(text));
        if (text_digest(policy.text) != policy.digest)
            return fail(Errc::bad_input, "its text is not what was filed");
        return policy;
    } catch (const json::exception&) {
        return fail(Errc::bad_input, "is damaged");
    }
}

} // namespace sweepgate::controller
