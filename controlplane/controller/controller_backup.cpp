// SPDX-License-Identifier: Apache-2.0
// The controller's part in backups: copies of its databases, and the first start behind a restore.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "controlplane/controller/controller.hpp"
#include "controlplane/controller/restored.hpp"
#include "controlplane/controller/state_files.hpp"

namespace sweepgate::controller {

/// Gates may hold what was published behind the backup, and some may not be heard of for days: the
/// numbers go on above all of it at once. What gates enforce is then what the backup says.
void Controller::go_on_above_backup() {
    const auto mark = load_restored(folder_.path());
    if (!mark)
        faults_.add({"restored", "degraded", mark.error().what + "; since when is not known", {}});
    if (!mark || !*mark) return;
    const auto bound = (*mark)->bound();
    const auto made = time_text((*mark)->made);
    faults_.add({"restored", "degraded",
                 fmt::format("from a backup of {}: gates get what it says, under generations above "
                             "{}; until somebody pushes a policy or goes back to one",
                             made, bound),
                 (*mark)->restored});
    if (newest_ > bound) return; // not the first start since
    newest_ = bound;
    floor_ = std::max(floor_, bound);
    if (!current_ || signing_.key() == nullptr || !no_storage_.empty())
        return; // whatever is published next is above
    const auto generation = publish(renewed(), "restored");
    const auto result =
        generation ? fmt::format("ok: generation {}", *generation) : generation.error().what;
    if (auto ok = write_audit({now(), "controller", "restored", "backup of " + made, result}); !ok)
        spdlog::error("audit log: {}", ok.error().what);
}

void Controller::acknowledge_backup() {
    std::error_code ignored;
    if (std::filesystem::remove(restored_mark(folder_.path()), ignored)) faults_.clear("restored");
}

Status Controller::copy_databases(const std::filesystem::path& folder) const {
    const std::lock_guard guard(lock_);
    if (!no_storage_.empty()) return fail(Errc::unavailable, no_storage_);
    if (auto ok = book_.copy_to(folder / kBookFile); !ok) return ok;
    return guard_.copy_to(folder / kGuardFile);
}

} // namespace sweepgate::controller
