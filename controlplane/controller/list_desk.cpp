// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/list_desk.hpp"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "controlplane/config/document.hpp"

namespace sweepgate::controller {

namespace {

constexpr const char* kMissing = "missing"; // no digest looks like it

const FiledList* find(const FiledPolicy& policy, const std::string& name, ListFormat format) {
    const auto place = std::ranges::find_if(policy.lists, [&](const FiledList& list) {
        return list.name == name && list.format == to_string(format);
    });
    return place == policy.lists.end() ? nullptr : &*place;
}

} // namespace

Result<std::string> ListDesk::read(const std::string& name, ListFormat format) const {
    auto text = config::read_file(folder_ / name, kMaxListBytes);
    if (!text) return text;
    if (const auto list = parse_prefix_list(*text, name, format); !list)
        return tl::unexpected(list.error());
    return text;
}

void ListDesk::note_seen(const std::string& name) {
    const auto text = config::read_file(folder_ / name, kMaxListBytes);
    seen_[name] = text ? text_digest(*text) : kMissing;
}

ListTexts ListDesk::now() {
    return [this](const std::string& name, ListFormat) {
        note_seen(name);
        return config::read_file(folder_ / name, kMaxListBytes);
    };
}

ListTexts ListDesk::now_or_filed(const FiledPolicy& filed) {
    return [this, &filed](const std::string& name, ListFormat format) {
        note_seen(name);
        return mend(name, format, filed);
    };
}

Result<std::string> ListDesk::mend(const std::string& name, ListFormat format,
                                   const FiledPolicy& filed) {
    auto fresh = read(name, format);
    const auto* last = find(filed, name, format);
    if (last == nullptr) return fresh;
    const bool as_it_was = fresh && seen_[name] == last->seen;
    if (fresh && !as_it_was) return fresh;
    auto text = archive_.list_text(*last);
    if (!text) {
        if (fresh) return fresh;
        return fail(Errc::io, fresh.error().what + "; and the filed one: " + text.error().what);
    }
    if (!fresh)
        faults_.push_back(fmt::format("{}; the list filed with policy {} on {:%Y-%m-%d %H:%M} "
                                      "stays in force",
                                      fresh.error().what, filed.number, fmt::gmtime(filed.time)));
    return text;
}

ListTexts ListDesk::filed(const FiledPolicy& policy) {
    return [this, &policy](const std::string& name, ListFormat format) -> Result<std::string> {
        note_seen(name);
        if (const auto* list = find(policy, name, format))
            if (auto text = archive_.list_text(*list)) return text;
        return config::read_file(folder_ / name, kMaxListBytes);
    };
}

std::vector<ListToFile> ListDesk::to_file(const Policy& policy) const {
    std::vector<ListToFile> lists;
    for (const auto& used : policy.lists) {
        const auto seen = seen_.find(used.name);
        lists.push_back({used, seen == seen_.end() ? std::string{} : seen->second});
    }
    return lists;
}

bool uses_as_filed(const Policy& policy, const FiledPolicy& filed) {
    return std::ranges::equal(
        policy.lists, filed.lists, [](const UsedList& used, const auto& list) {
            return used.name == list.name && to_string(used.format) == list.format &&
                   text_digest(*used.text) == list.digest;
        });
}

} // namespace sweepgate::controller
