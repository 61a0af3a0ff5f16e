// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/backup_verb.hpp"

#include "controlplane/controller/audit_origin.hpp"
#include "controlplane/controller/json.hpp"
#include "controlplane/controller/state_files.hpp"

namespace sweepgate::controller {

namespace {

Status copy_all(const Controller& controller, const Surroundings& surroundings,
                const std::filesystem::path& folder) {
    if (auto ok = make_copies_folder(folder); !ok) return ok;
    auto ok = controller.copy_databases(folder);
    if (ok) ok = surroundings.copy_watch(folder / kWatchFile);
    std::error_code ignored;
    if (!ok) std::filesystem::remove_all(folder, ignored);
    return ok;
}

} // namespace

wire::AdminReply backup(Controller& controller, const Surroundings& surroundings,
                        const wire::Peer& peer) {
    const auto folder = copies_folder(controller.config().state);
    const auto view = controller.view();
    const auto copied = copy_all(controller, surroundings, folder);
    controller.audit(peer.name, "backup", "", copied ? "ok" : copied.error().what, origin_of(peer));
    if (!copied) return wire::AdminReply::fault(copied.error());
    return ok({{"folder", folder.string()},
               {"generation", view.snapshot ? view.snapshot->generation : 0}});
}

} // namespace sweepgate::controller
