// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/request_options.hpp"

#include <algorithm>

#include "controlplane/model/text.hpp"

namespace sweepgate::controller {

using nlohmann::json;

Result<RequestOptions> RequestOptions::read(const wire::AdminRequest& request,
                                            std::initializer_list<std::string_view> flags,
                                            std::initializer_list<std::string_view> texts) {
    if (request.options.empty()) return RequestOptions(json::object());
    auto values = json::parse(request.options, nullptr, false);
    if (!values.is_object())
        return fail(Errc::bad_input, request.verb + ": its options are not a JSON object");
    const auto among = [](std::string_view key, std::initializer_list<std::string_view> keys) {
        return std::find(keys.begin(), keys.end(), key) != keys.end();
    };
    for (auto& [key, value] : values.items()) {
        const auto name = printable(key.substr(0, 40));
        if (among(key, flags)) {
            if (!value.is_boolean())
                return fail(Errc::bad_input,
                            request.verb + ": option '" + name + "' is true or false");
            continue;
        }
        if (!among(key, texts))
            return fail(Errc::bad_input, request.verb + " has no option '" + name + "'");
        if (!value.is_string())
            return fail(Errc::bad_input, request.verb + ": option '" + name + "' is text");
        auto text = printable(value.get<std::string>());
        if (text.size() > kMaxOptionText)
            return fail(Errc::bad_input, request.verb + ": option '" + name + "' has " +
                                             std::to_string(text.size()) + " bytes, at most " +
                                             std::to_string(kMaxOptionText));
        value = std::move(text);
    }
    return RequestOptions(std::move(values));
}

bool RequestOptions::flag(std::string_view key) const {
    const auto found = values_.find(key);
    return found != values_.end() && found->get<bool>();
}

std::string RequestOptions::text(std::string_view key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? std::string{} : found->get<std::string>();
}

} // namespace sweepgate::controller
