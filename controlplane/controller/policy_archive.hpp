// SPDX-License-Identifier: Apache-2.0
// Every policy that was ever in force, as numbered files: <state>/policies/000017.toml. The
// highest number is in force. Going back to an older one means filing its text again, so the
// numbers tell the whole story. The newest 100 are kept.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/model/result.hpp"

namespace sweepgate::controller {

inline constexpr std::size_t kMaxPolicyBytes = std::size_t{8} << 20U; // of one policy file

struct FiledPolicy {
    std::uint64_t number = 0;
    std::string text;
};

class PolicyArchive {
public:
    /// Makes the folder. Errors: io naming it.
    static Result<PolicyArchive> open(const std::filesystem::path& state);

    /// Files `text` under the next number, on disk before it returns. Errors: io.
    Result<std::uint64_t> file(std::string_view text);
    /// The one in force; nothing before the first. Errors: io.
    [[nodiscard]] Result<std::optional<FiledPolicy>> current() const;
    /// Errors: not_found naming the number and what there is.
    [[nodiscard]] Result<FiledPolicy> get(std::uint64_t number) const;
    /// Takes the newest back, as if it had never been filed. Errors: io.
    Status withdraw(std::uint64_t number);

    /// The text of the configured policy file when it was last taken over: a reload must not undo
    /// what was pushed since unless that file itself has changed. Errors: io.
    Status remember_file(std::string_view text);
    [[nodiscard]] std::optional<std::string> remembered_file() const;
    /// Ascending.
    [[nodiscard]] std::vector<std::uint64_t> numbers() const;

private:
    explicit PolicyArchive(std::filesystem::path folder) : folder_(std::move(folder)) {}
    [[nodiscard]] std::filesystem::path path_of(std::uint64_t number) const;
    std::filesystem::path folder_;
};

} // namespace sweepgate::controller
