// SPDX-License-Identifier: Apache-2.0
// The prefix lists of a policy: those that lie in the folder now, those that were filed with it,
// and which of the two is in force.
//
//   push, plan      the folder's; what cannot be read is an error
//   reload, start   the folder's where they have changed and can be read, else the filed ones
//   rollback        the filed ones
#pragma once

#include <string>
#include <vector>

#include "controlplane/controller/policy_archive.hpp"
#include "controlplane/policy/policy.hpp"

namespace sweepgate::controller {

class ListDesk {
public:
    ListDesk(std::filesystem::path folder, const PolicyArchive& archive)
        : folder_(std::move(folder)), archive_(archive) {}

    /// The folder's.
    [[nodiscard]] ListTexts now();
    /// The folder's where they have changed since `filed` and can be read; else those filed.
    [[nodiscard]] ListTexts now_or_filed(const FiledPolicy& filed);
    /// Those filed; the folder's where none is (version 0.1 filed no lists).
    [[nodiscard]] ListTexts filed(const FiledPolicy& policy);

    /// What was told by the folder's files in whose place filed ones were taken.
    [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }
    /// For the archive: what the policy used, with what lay in the folder.
    [[nodiscard]] std::vector<ListToFile> to_file(const Policy& policy) const;

private:
    [[nodiscard]] Result<std::string> read(const std::string& name, ListFormat format) const;
    void note_seen(const std::string& name);
    [[nodiscard]] Result<std::string> mend(const std::string& name, ListFormat format,
                                           const FiledPolicy& filed);

    std::filesystem::path folder_;
    const PolicyArchive& archive_;
    std::vector<std::string> faults_;
    std::map<std::string, std::string> seen_; // digest of the folder's file, by name
};

/// No list that the policy uses has another text than was filed with it.
[[nodiscard]] bool uses_as_filed(const Policy& policy, const FiledPolicy& filed);

} // namespace sweepgate::controller
