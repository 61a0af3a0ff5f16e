// SPDX-License-Identifier: Apache-2.0
// What stands beside the argument of an admin request: a flat JSON object. A verb names the keys it
// takes; any other is refused, so that nobody believes in an option that was not heard.
//
//     const auto options = RequestOptions::read(request, {"yes"}, {"file", "message"});
//     if (options->flag("yes")) ...
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "controlplane/model/result.hpp"
#include "controlplane/wire/admin.hpp"

namespace sweepgate::controller {

class RequestOptions {
public:
    static constexpr std::size_t kMaxOptionText = 1024; // bytes

    ///   flags    keys that are true or false
    ///   texts    keys that are text
    ///   errors   bad_input naming the verb and the key
    static Result<RequestOptions> read(const wire::AdminRequest& request,
                                       std::initializer_list<std::string_view> flags,
                                       std::initializer_list<std::string_view> texts);

    /// False when it is not there.
    [[nodiscard]] bool flag(std::string_view key) const;
    /// Empty when it is not there; never with control characters in it.
    [[nodiscard]] std::string text(std::string_view key) const;

private:
    explicit RequestOptions(nlohmann::json values) : values_(std::move(values)) {}
    nlohmann::json values_;
};

} // namespace sweepgate::controller
