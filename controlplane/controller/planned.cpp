// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/planned.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "controlplane/wire/base64.hpp"

namespace sweepgate::controller {

wire::AdminReply planned_snapshot(const Controller& controller, const std::string& policy_text) {
    const auto preview = controller.preview(policy_text);
    if (!preview) return wire::AdminReply::fault(preview.error());
    const auto key = wire::SigningKey::generate();
    const auto sealed = wire::seal_snapshot(preview->snapshot, key);
    if (!sealed) return wire::AdminReply::fault(sealed.error());
    if (sealed->size() > kMaxPlanned)
        return wire::AdminReply::fault(
            {Errc::bad_input, fmt::format("the planned snapshot has {} bytes, an answer holds {}",
                                          sealed->size(), kMaxPlanned)});
    const nlohmann::json object{{"generation", preview->snapshot.generation},
                                {"digest", to_hex(digest_of(preview->snapshot))},
                                {"prefixes", preview->snapshot.entries.size()},
                                {"sealed", wire::to_base64(*sealed)},
                                {"key", wire::to_line(key.verify_key())}};
    return wire::AdminReply::ok(object.dump());
}

} // namespace sweepgate::controller
