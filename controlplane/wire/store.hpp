// SPDX-License-Identifier: Apache-2.0
// Last good on disk. A write is temp file, fsync, rename, fsync of the folder: after a power cut
// the file is the old or the new one, never torn; a full disk leaves the old one untouched.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "controlplane/model/result.hpp"
#include "controlplane/model/snapshot.hpp"
#include "controlplane/wire/keys.hpp"

namespace sweepgate::wire {

/// Replaces `path`, and keeps its owner and mode; without one: ours, 0600. Errors: io (not_found
/// without the folder) naming the path and what the system said.
[[nodiscard]] Status save(const std::filesystem::path& path, std::string_view bytes);

/// Leaves a text in `copy` for a start without its file, unless it lies there already. That it
/// could not be written harms nobody as long as the file itself is whole.
void keep_copy(const std::filesystem::path& copy, std::string_view text);

/// Where save_next() leaves what `path` held before.
[[nodiscard]] std::filesystem::path before(const std::filesystem::path& path);
/// As save(), and what it takes the place of stays beside it, for the day when the new file is
/// damaged. That it cannot stay harms nobody as long as the new one is whole.
[[nodiscard]] Status save_next(const std::filesystem::path& path, std::string_view bytes);

/// Undoes it: what lies beside `path` takes its place; without it `path` goes. Errors: io.
[[nodiscard]] Status restore_before(const std::filesystem::path& path);

/// Errors: not_found when there is no such file; io; bad_input over kMaxChainBytes.
[[nodiscard]] Result<std::string> load(const std::filesystem::path& path);

/// The snapshot in such a file, deltas applied. Errors: those of load() and open_chain(), each
/// naming the path.
[[nodiscard]] Result<Snapshot> load_snapshot(const std::filesystem::path& path,
                                             std::span<const VerifyKey> keys);

/// Holds a state folder for one process: the folder is made when absent (mode 0700) and its file
/// "lock" is flock()ed and carries our pid. Freed by the destructor and by any death.
class StateFolder {
public:
    /// Errors: conflict naming folder and pid when another process holds it; io.
    static Result<StateFolder> open(const std::filesystem::path& folder);
    StateFolder(StateFolder&& other) noexcept;
    StateFolder& operator=(StateFolder&& other) noexcept;
    StateFolder(const StateFolder&) = delete;
    StateFolder& operator=(const StateFolder&) = delete;
    ~StateFolder();

    [[nodiscard]] const std::filesystem::path& path() const { return folder_; }
    [[nodiscard]] std::filesystem::path file(std::string_view name) const { return folder_ / name; }

private:
    StateFolder(std::filesystem::path folder, int lock) : folder_(std::move(folder)), lock_(lock) {}
    std::filesystem::path folder_;
    int lock_ = -1;
};

} // namespace sweepgate::wire
